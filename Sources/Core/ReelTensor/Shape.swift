// The extents of a tensor, outermost first.

/// The extents of a tensor along its axes, outermost first: `[2, 3]` has two rows of three elements.
///
/// The empty shape `[]` is that of one number. An axis may be given from the end: −1 is the last.
public struct Shape: Hashable, Sendable {
  /// The extents, none of them negative.
  public let dimensions: [Int]
  /// How many elements there are: the product of the extents.
  public let count: Int

  /// A shape whose number of elements fits an `Int`; anything else is a mistake of the program.
  public init(_ dimensions: [Int]) {
    guard let shape = Shape(exactly: dimensions) else {
      preconditionFailure("\(dimensions) is no shape: extents are 0 or more and their product fits an Int")
    }
    self = shape
  }

  /// For extents that come from a file: `nil` where one is negative or their product overflows.
  public init?(exactly dimensions: [Int]) {
    var count = 1
    var isEmpty = false
    for extent in dimensions {
      guard extent >= 0 else { return nil }
      if extent == 0 {
        isEmpty = true
      } else {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard !overflow else { return nil }
        count = product
      }
    }
    self.dimensions = dimensions
    self.count = isEmpty ? 0 : count
  }

  /// How many axes there are.
  public var rank: Int { dimensions.count }

  /// The extent along `axis`, counted from the front (0…) or from the end (−1…).
  public subscript(axis: Int) -> Int { dimensions[position(of: axis)] }

  /// The axis counted from the front.
  public func position(of axis: Int) -> Int {
    precondition(axis >= -rank && axis < rank, "axis \(axis) of the shape \(self)")
    return axis < 0 ? axis + rank : axis
  }

  /// This shape with another extent along `axis`.
  public func replacing(_ axis: Int, with extent: Int) -> Shape {
    var dimensions = dimensions
    dimensions[position(of: axis)] = extent
    return Shape(dimensions)
  }

  /// How many elements lie between neighbours along each axis of a contiguous tensor.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  /// The number of rows, if the last axis is taken for the columns.
  public var rowCount: Int { dimensions.dropLast().reduce(1, *) }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
  public init(arrayLiteral dimensions: Int...) { self.init(dimensions) }

  /// `[2, 3]`.
  public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}
