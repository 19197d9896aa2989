// The same numbers in another order or shape: reshape, permute, slice, concatenate.

extension Tensor {
  /// The same elements in the same order under another shape of as many elements. Copies nothing.
  ///
  /// One extent may be −1: it is what the others leave.
  public func reshaped(_ dimensions: Int...) -> Tensor { reshaped(dimensions) }

  public func reshaped(_ dimensions: [Int]) -> Tensor {
    guard let unknown = dimensions.firstIndex(of: -1) else { return reshaped(to: Shape(dimensions)) }
    let rest = dimensions.enumerated().reduce(1) { $1.offset == unknown ? $0 : $0 * $1.element }
    precondition(rest > 0 && count % rest == 0, "the shape \(shape) as \(dimensions)")
    var dimensions = dimensions
    dimensions[unknown] = count / rest
    return reshaped(to: Shape(dimensions))
  }

  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == count, "the shape \(self.shape) as \(shape)")
    return Tensor(shape: shape, elementType: elementType, storage: storage, byteOffset: byteOffset)
  }

  /// The axes in another order: axis `i` of the result is axis `axes[i]` of this tensor.
  public func permuted(_ axes: Int...) -> Tensor { permuted(axes) }

  public func permuted(_ axes: [Int]) -> Tensor {
    precondition(axes.sorted() == Array(0..<shape.rank), "the axes \(axes) of the shape \(shape)")
    return Permutation(shape, axes).applied(to: self)
  }

  /// Rows for columns: the last two axes exchanged.
  public var transposed: Tensor {
    let rank = shape.rank
    return permuted(Array(0..<(rank - 2)) + [rank - 1, rank - 2])
  }

  /// The part `range` along `axis`. Along the first axis nothing is copied.
  public func sliced(_ range: Range<Int>, along axis: Int = 0) -> Tensor {
    let axis = shape.position(of: axis)
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[axis], "\(range) along axis \(axis) of \(shape)")
    let part = shape.replacing(axis, with: range.count)
    let inner = shape.strides[axis] * elementType.byteCount
    let outer = shape.dimensions[..<axis].reduce(1, *)
    if outer == 1 {
      return Tensor(
        shape: part, elementType: elementType, storage: storage,
        byteOffset: byteOffset + range.lowerBound * inner)
    }
    let result = Tensor(uninitialized: part, elementType: elementType)
    withBytes { bytes in
      for row in 0..<outer where range.count * inner > 0 {
        (result.storage.bytes + row * range.count * inner).copyMemory(
          from: bytes.baseAddress! + (row * shape[axis] + range.lowerBound) * inner,
          byteCount: range.count * inner)
      }
    }
    return result
  }

  /// The tensor without its first axis at `index`: one frame of a film. Copies nothing.
  public subscript(index: Int) -> Tensor {
    sliced(index..<(index + 1)).reshaped(Array(shape.dimensions.dropFirst()))
  }

  /// Equal parts along `axis`.
  public func split(into parts: Int, along axis: Int = -1) -> [Tensor] {
    let extent = shape[axis]
    precondition(parts > 0 && extent % parts == 0, "\(parts) parts along axis \(axis) of \(shape)")
    let size = extent / parts
    return (0..<parts).map { sliced(($0 * size)..<(($0 + 1) * size), along: axis) }
  }

  /// Several tensors one after the other along `axis`; their other extents are the same.
  public static func concatenated(_ tensors: [Tensor], along axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { preconditionFailure("no tensors to concatenate") }
    let axis = first.shape.position(of: axis)
    for tensor in tensors {
      precondition(
        tensor.elementType == first.elementType
          && tensor.shape.replacing(axis, with: 0) == first.shape.replacing(axis, with: 0),
        "\(tensor.shape) after \(first.shape) along axis \(axis)")
    }
    let shape = first.shape.replacing(axis, with: tensors.reduce(0) { $0 + $1.shape[axis] })
    let result = Tensor(uninitialized: shape, elementType: first.elementType)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let inner = shape.strides[axis] * first.elementType.byteCount
    var start = 0
    for tensor in tensors {
      let run = tensor.shape[axis] * inner
      tensor.withBytes { bytes in
        for row in 0..<outer where run > 0 {
          (result.storage.bytes + row * shape[axis] * inner + start).copyMemory(
            from: bytes.baseAddress! + row * run, byteCount: run)
        }
      }
      start += run
    }
    return result
  }

  /// The rows that `indices` names, in that order: `[V, D]` → `[indices.count, D]`. Any element type.
  public func rows(_ indices: [Int]) -> Tensor {
    precondition(indices.allSatisfy { $0 >= 0 && $0 < shape[0] }, "rows outside the shape \(shape)")
    let result = Tensor(uninitialized: shape.replacing(0, with: indices.count), elementType: elementType)
    let run = shape.strides[0] * elementType.byteCount
    withBytes { bytes in
      for (row, index) in indices.enumerated() where run > 0 {
        (result.storage.bytes + row * run).copyMemory(from: bytes.baseAddress! + index * run, byteCount: run)
      }
    }
    return result
  }

  /// `[…]` → `[count, …]`: the tensor `count` times.
  public func repeated(_ count: Int) -> Tensor {
    Tensor.concatenated(
      [Tensor](repeating: reshaped([1] + shape.dimensions), count: count))
  }
}
