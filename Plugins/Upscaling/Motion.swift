// The motion between two frames, and the frames that it leads through.

import ReelStage

/// Two frames, the motion between them, and any moment on the way.
struct Motion: Sendable {
  private let interpolation: MotionInterpolation

  init(from first: Frame, to second: Frame) {
    let field = MotionField(from: first, to: second)
    interpolation = MotionInterpolation(
      from: first, to: second, vectors: field.vectors, columns: field.columns, blockSide: field.blockSide)
  }

  /// The frame at `fraction` (0…1) of the way.
  func frame(at fraction: Float) -> Frame { interpolation(at: fraction) }
}
