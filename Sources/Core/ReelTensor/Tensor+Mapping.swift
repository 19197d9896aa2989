// How an operation on each number, or on each row, is shared out over the threads.

extension Tensor {
  /// A tensor of this shape, whose elements `body` writes: runs of at least `grain`, in parallel.
  func mapped(
    grain: Int,
    _ body: (_ range: Range<Int>, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>) ->
      Void
  ) -> Tensor {
    withFloats { input in
      Tensor(shape) { output in
        guard count > 0, let source = input.baseAddress, let target = output.baseAddress else { return }
        dispatch(count, grain: grain) { body($0, source, target) }
      }
    }
  }

  /// A tensor of this shape, whose rows along the last axis `body` writes, from the row `first` on, in parallel.
  ///
  /// - Parameter columns: how long the rows that are written are; as long as this tensor's where not given.
  func mappedRows(
    columns: Int? = nil,
    _ body: (
      _ first: Int, _ rows: Int, _ width: Int, _ input: UnsafePointer<Float>,
      _ output: UnsafeMutablePointer<Float>
    ) -> Void
  ) -> Tensor {
    let width = shape[-1]
    let columns = columns ?? width
    return withFloats { input in
      Tensor(shape.replacing(-1, with: columns)) { output in
        guard count > 0, let source = input.baseAddress, let target = output.baseAddress else { return }
        dispatch(shape.rowCount, grain: max(1, 8192 / width)) { range in
          body(
            range.lowerBound, range.count, width, source + range.lowerBound * width,
            target + range.lowerBound * columns)
        }
      }
    }
  }

  /// As above, for rows that are all treated alike.
  func mappedRows(
    _ body: (
      _ rows: Int, _ width: Int, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
    ) -> Void
  ) -> Tensor {
    mappedRows { _, rows, width, input, output in body(rows, width, input, output) }
  }
}
