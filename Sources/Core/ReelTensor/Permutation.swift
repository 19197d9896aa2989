// Axes in another order: the fewest axes that say the same, and then runs of memory.

/// A change of the order of axes.
struct Permutation {
  private let shape: Shape
  /// The result's extents, and how far apart neighbours along each lie in the source: as few axes as possible.
  private let extents: [Int]
  private let strides: [Int]

  init(_ source: Shape, _ axes: [Int]) {
    shape = Shape(axes.map { source[$0] })
    let sourceStrides = source.strides
    var extents: [Int] = []
    var strides: [Int] = []
    for axis in axes where source[axis] != 1 {
      // An axis that follows its neighbour in the source as well is one with it.
      if let last = strides.last, last == sourceStrides[axis] * source[axis] {
        extents[extents.count - 1] *= source[axis]
        strides[strides.count - 1] = sourceStrides[axis]
      } else {
        extents.append(source[axis])
        strides.append(sourceStrides[axis])
      }
    }
    (self.extents, self.strides) = extents.isEmpty ? ([1], [1]) : (extents, strides)
  }

  func applied(to tensor: Tensor) -> Tensor {
    if extents.count == 1 { return tensor.reshaped(to: shape) }
    let result = Tensor(uninitialized: shape, elementType: tensor.elementType)
    guard shape.count > 0 else { return result }
    tensor.withBytes { bytes in
      let (source, target) = (bytes.baseAddress!, result.storage.bytes)
      switch tensor.elementType.byteCount {
      case 1: copy(source.assumingMemoryBound(to: UInt8.self), target.assumingMemoryBound(to: UInt8.self))
      case 2: copy(source.assumingMemoryBound(to: UInt16.self), target.assumingMemoryBound(to: UInt16.self))
      case 4: copy(source.assumingMemoryBound(to: UInt32.self), target.assumingMemoryBound(to: UInt32.self))
      default: copy(source.assumingMemoryBound(to: UInt64.self), target.assumingMemoryBound(to: UInt64.self))
      }
    }
    return result
  }

  private func copy<Element>(_ source: UnsafePointer<Element>, _ target: UnsafeMutablePointer<Element>) {
    let (run, step) = (extents.last!, strides.last!)
    dispatch(shape.count / run, grain: max(1, 16384 / run)) { range in
      for row in range {
        var (rest, start) = (row, 0)
        for axis in (0..<(extents.count - 1)).reversed() {
          start += rest % extents[axis] * strides[axis]
          rest /= extents[axis]
        }
        let (from, to) = (source + start, target + row * run)
        if step == 1 {
          to.update(from: from, count: run)
        } else {
          for index in 0..<run { to[index] = from[index * step] }
        }
      }
    }
  }
}
