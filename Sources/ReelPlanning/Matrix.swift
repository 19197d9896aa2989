// The matrix: axes, their rows, and the variants that are wanted.

import ReelStage

/// One row of an axis, or one element of a `foreach` list: an id and, from a record or a CSV line, more
/// fields.
public struct Row: Hashable, Sendable {
  public let id: String
  public let place: Place
  /// A record, or for a bare id its text.
  public let value: Value

  public init(id: String, place: Place, value: Value) {
    self.id = id
    self.place = place
    self.value = value
  }

  func field(_ name: String) -> Value? {
    value[name] ?? (name == "id" ? Value(.text(id), at: place) : nil)
  }

  var fieldNames: [String] { value.record?.map(\.name) ?? ["id"] }
}

/// A dimension of the matrix.
public struct Axis: Hashable, Sendable {
  public let name: String
  public let place: Place
  /// With unique ids.
  public internal(set) var rows: [Row]
}

/// One cell of the matrix, or its projection onto some of the axes: by axis, in the order of the matrix,
/// the id of a row.
public struct Variant: Hashable, Sendable, CustomStringConvertible {
  public let cells: [Cell]

  public struct Cell: Hashable, Sendable {
    public let axis: String
    public let row: String

    public init(axis: String, row: String) {
      self.axis = axis
      self.row = row
    }
  }

  public init(_ cells: [Cell] = []) { self.cells = cells }

  public subscript(axis: String) -> String? { cells.first { $0.axis == axis }?.row }

  public func projected(onto axes: Set<String>) -> Variant {
    Variant(cells.filter { axes.contains($0.axis) })
  }

  /// `market=de-DE,format=16x9`; empty for the one variant of a node that uses no axis.
  public var description: String { cells.map { "\($0.axis)=\($0.row)" }.joined(separator: ",") }

  public var json: JSON {
    .object(Dictionary(cells.map { ($0.axis, .string($0.row)) }, uniquingKeysWith: { first, _ in first }))
  }
}

/// The axes and the variants that are left after `exclude` and `include`.
public struct Matrix: Hashable, Sendable {
  public internal(set) var axes: [Axis] = []
  /// In the order of the axes' rows, the last axis fastest. One empty variant where there is no axis.
  public internal(set) var variants: [Variant] = [Variant()]

  /// The most variants that a matrix may have.
  public static let maximumVariants = 100_000

  /// The distinct projections of the variants onto `axes`, in their order.
  func variants(over used: Set<String>) -> [Variant] {
    if used.isEmpty { return variants.isEmpty ? [] : [Variant()] }
    if used.count == axes.count { return variants }
    var seen: Set<Variant> = []
    return variants.map { $0.projected(onto: used) }.filter { seen.insert($0).inserted }
  }
}
