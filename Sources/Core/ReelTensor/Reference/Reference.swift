// The operations once more, slow and readable: what the fast ones are held against.

/// Every operation of tensors written as its formula, in double precision inside, one number at a time.
public enum Reference {}

extension Reference {
  public static func combined(_ left: Tensor, _ right: Tensor, _ operation: ElementwiseOperation) -> Tensor {
    guard let shape = Shape.broadcast(left.shape, right.shape) else {
      preconditionFailure("\(left.shape) and \(right.shape) do not fit element by element")
    }
    let (a, b) = (left.elements, right.elements)
    return tabulated(shape) { index in
      let x = a[left.shape.offset(of: index)]
      let y = b[right.shape.offset(of: index)]
      return switch operation {
      case .add: x + y
      case .subtract: x - y
      case .multiply: x * y
      case .divide: x / y
      }
    }
  }

  public static func permuted(_ x: Tensor, _ axes: [Int]) -> Tensor {
    let size = x.elementType.byteCount
    let strides = x.shape.strides
    let shape = Shape(axes.map { x.shape[$0] })
    let result = Tensor(uninitialized: shape, elementType: x.elementType)
    x.withBytes { bytes in
      var target = 0
      forEachIndex(of: shape) { index in
        var source = 0
        for axis in 0..<shape.rank { source += index[axis] * strides[axes[axis]] }
        (result.storage.bytes + target).copyMemory(from: bytes.baseAddress! + source * size, byteCount: size)
        target += size
      }
    }
    return result
  }

  public static func scaled(_ x: Tensor, by factor: Float, plus term: Float) -> Tensor {
    mapped(x) { $0 * factor + term }
  }

  public static func clamped(_ x: Tensor, _ low: Float, _ high: Float) -> Tensor {
    mapped(x) { min(max($0, low), high) }
  }

  public static func activated(_ x: Tensor, _ activation: Activation) -> Tensor {
    mapped(x) { Float(activated(Double($0), activation)) }
  }

  static func activated(_ x: Double, _ activation: Activation) -> Double {
    switch activation {
    case .none: x
    case .gelu: 0.5 * x * (1 + errorFunction(x / 2.0.squareRoot()))
    case .geluTanh:
      0.5 * x * (1 + hyperbolicTangent((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .silu: x / (1 + exponential(-x))
    }
  }

  public static func nearestUpsampled(_ x: Tensor) -> Tensor {
    let elements = x.elements
    return tabulated([x.shape[0], 2 * x.shape[1], 2 * x.shape[2], x.shape[3]]) { index in
      elements[x.shape.offset(of: [index[0], index[1] / 2, index[2] / 2, index[3]])]
    }
  }

  public static func rotated(_ x: Tensor, by embedding: RotaryEmbedding) -> Tensor {
    let (elements, cosines, sines) = (x.elements, embedding.cosines.elements, embedding.sines.elements)
    let (positions, pairs) = (x.shape[-2], embedding.cosines.shape[1])
    return Tensor(x.shape) { output in
      for pair in 0..<(x.count / 2) {
        let row = 2 * pair / x.shape[-1]
        let angle = row % positions * pairs + pair % pairs
        let (a, b) = (Double(elements[2 * pair]), Double(elements[2 * pair + 1]))
        let (c, s) = (Double(cosines[angle]), Double(sines[angle]))
        output[2 * pair] = Float(a * c - b * s)
        output[2 * pair + 1] = Float(a * s + b * c)
      }
    }
  }
}

extension Reference {
  /// A tensor whose elements are the values of `element` at their indices.
  static func tabulated(_ shape: Shape, _ element: ([Int]) -> Float) -> Tensor {
    Tensor(shape) { output in
      var place = 0
      forEachIndex(of: shape) { index in
        output[place] = element(index)
        place += 1
      }
    }
  }

  /// Every index of `shape` in row-major order.
  static func forEachIndex(of shape: Shape, _ body: ([Int]) -> Void) {
    var index = [Int](repeating: 0, count: shape.rank)
    for _ in 0..<shape.count {
      body(index)
      for axis in (0..<shape.rank).reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
  }

  static func mapped(_ x: Tensor, _ function: (Float) -> Float) -> Tensor {
    Tensor(x.shape, x.elements.map(function))
  }

  /// Every row along the last axis, as doubles, through `function`.
  static func mappedRows(_ x: Tensor, _ function: (_ row: Int, [Double]) -> [Double]) -> Tensor {
    let width = x.shape[-1]
    let elements = x.elements
    return Tensor(x.shape) { output in
      for row in 0..<x.shape.rowCount {
        let input = elements[(row * width)..<((row + 1) * width)].map(Double.init)
        for (column, value) in function(row, input).enumerated() {
          output[row * width + column] = Float(value)
        }
      }
    }
  }
}

extension Shape {
  /// Where the element `index` of a greater shape lies in this one, which is repeated along its axes of extent 1.
  func offset(of index: [Int]) -> Int {
    var offset = 0
    for axis in 0..<rank {
      offset = offset * dimensions[axis] + (dimensions[axis] == 1 ? 0 : index[index.count - rank + axis])
    }
    return offset
  }
}
