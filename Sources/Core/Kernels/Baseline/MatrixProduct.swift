// The matrix product of a block of rows with packed panels: a tile of sums stays in registers while the inner
// dimension runs.
//
// The types are private: what others could see would get metadata, whose functions the linker merges over levels.
import CKernels

/// Some rows of sums, all of which see the same row of a panel.
private protocol TileRows {
  associatedtype Panel: PanelColumns
  static var count: Int { get }
  init()
  init(loading sums: UnsafePointer<Float>, pitch: Int)
  /// Adds the product of one number a row (in rows of pitch `reel_panel_depth`) and one row of the panel.
  mutating func add(_ factors: UnsafePointer<Float>, _ panel: Panel)
  func store(_ sums: UnsafeMutablePointer<Float>, pitch: Int)
}

/// One row of a panel in registers.
private protocol PanelColumns {
  static var count: Int { get }
  init(loading panel: UnsafePointer<Float>)
}

/// One row of 16 columns.
private struct NarrowRow: TileRows {
  struct Panel: PanelColumns {
    let columns: Vector
    @inline(always) static var count: Int { 16 }
    @inline(always) init(loading panel: UnsafePointer<Float>) { columns = load(panel) }
  }

  var sums: Vector
  @inline(always) static var count: Int { 1 }
  @inline(always) init() { sums = Vector(repeating: 0) }
  @inline(always) init(loading sums: UnsafePointer<Float>, pitch: Int) { self.sums = load(sums) }

  @inline(always) mutating func add(_ factors: UnsafePointer<Float>, _ panel: Panel) {
    sums = fma(sums, Vector(repeating: factors.pointee), panel.columns)
  }

  @inline(always) func store(_ sums: UnsafeMutablePointer<Float>, pitch: Int) {
    place(self.sums, sums)
  }
}

/// One row of 32 columns.
private struct WideRow: TileRows {
  struct Panel: PanelColumns {
    let left: Vector
    let right: Vector
    @inline(always) static var count: Int { 32 }
    @inline(always) init(loading panel: UnsafePointer<Float>) {
      left = load(panel)
      right = load(panel + 16)
    }
  }

  var left: Vector
  var right: Vector
  @inline(always) static var count: Int { 1 }
  @inline(always) init() { (left, right) = (Vector(repeating: 0), Vector(repeating: 0)) }
  @inline(always) init(loading sums: UnsafePointer<Float>, pitch: Int) {
    (left, right) = (load(sums), load(sums + 16))
  }

  @inline(always) mutating func add(_ factors: UnsafePointer<Float>, _ panel: Panel) {
    let factor = Vector(repeating: factors.pointee)
    left = fma(left, factor, panel.left)
    right = fma(right, factor, panel.right)
  }

  @inline(always) func store(_ sums: UnsafeMutablePointer<Float>, pitch: Int) {
    place(left, sums)
    place(right, sums + 16)
  }
}

/// Rows above rows: tiles of any height are put together from these.
private struct Rows<Upper: TileRows, Lower: TileRows>: TileRows where Upper.Panel == Lower.Panel {
  typealias Panel = Upper.Panel
  var upper: Upper
  var lower: Lower
  @inline(always) static var count: Int { Upper.count + Lower.count }
  @inline(always) init() { (upper, lower) = (Upper(), Lower()) }

  @inline(always) init(loading sums: UnsafePointer<Float>, pitch: Int) {
    upper = Upper(loading: sums, pitch: pitch)
    lower = Lower(loading: sums + Upper.count * pitch, pitch: pitch)
  }

  @inline(always) mutating func add(_ factors: UnsafePointer<Float>, _ panel: Panel) {
    upper.add(factors, panel)
    lower.add(factors + Upper.count * Int(reel_panel_depth), panel)
  }

  @inline(always) func store(_ sums: UnsafeMutablePointer<Float>, pitch: Int) {
    upper.store(sums, pitch: pitch)
    lower.store(sums + Upper.count * pitch, pitch: pitch)
  }
}

private typealias Rows2<Row: TileRows> = Rows<Row, Row>
private typealias Rows3<Row: TileRows> = Rows<Rows2<Row>, Row>
private typealias Rows4<Row: TileRows> = Rows<Rows2<Row>, Rows2<Row>>
private typealias Rows6<Row: TileRows> = Rows<Rows4<Row>, Rows2<Row>>
private typealias Rows8<Row: TileRows> = Rows<Rows4<Row>, Rows4<Row>>
private typealias Rows14<Row: TileRows> = Rows<Rows8<Row>, Rows6<Row>>

/// What a tile multiplies: rows of factors, a panel, and where the sums go.
private struct TileOperands {
  let depth: Int
  var factors: UnsafePointer<Float>
  let panel: UnsafePointer<Float>
  let accumulates: Bool
  var sums: UnsafeMutablePointer<Float>
  let pitch: Int

  /// Multiplies as many rows as `Tile` has, and goes on to the next ones.
  @inline(always)
  mutating func multiply<Tile: TileRows>(_: Tile.Type, _ rowsLeft: inout Int) {
    var tile = accumulates ? Tile(loading: sums, pitch: pitch) : Tile()
    for k in 0..<depth {
      tile.add(factors + k, Tile.Panel(loading: panel + k * Tile.Panel.count))
    }
    tile.store(sums, pitch: pitch)
    factors += Tile.count * Int(reel_panel_depth)
    sums += Tile.count * pitch
    rowsLeft -= Tile.count
  }
}

#if REEL_V4
  /// 32 registers of 16 numbers: 28 of sums, two of the panel, two of factors.
  private typealias PanelRow = WideRow

  /// All rows of a block with one panel, the greatest tiles first.
  @inline(always)
  private func multiplyRows<Row: TileRows>(_ rows: Int, _ operands: TileOperands, _: Row.Type) {
    var (left, operands) = (rows, operands)
    while left >= 14 { operands.multiply(Rows14<Row>.self, &left) }
    if left >= 8 { operands.multiply(Rows8<Row>.self, &left) }
    if left >= 4 { operands.multiply(Rows4<Row>.self, &left) }
    if left >= 2 { operands.multiply(Rows2<Row>.self, &left) }
    if left >= 1 { operands.multiply(Row.self, &left) }
  }
#elseif REEL_V3
  /// 16 registers of 8 numbers: 12 of sums, two of the panel, one of factors.
  private typealias PanelRow = NarrowRow

  /// All rows of a block with one panel, the greatest tiles first.
  @inline(always)
  private func multiplyRows<Row: TileRows>(_ rows: Int, _ operands: TileOperands, _: Row.Type) {
    var (left, operands) = (rows, operands)
    while left >= 6 { operands.multiply(Rows6<Row>.self, &left) }
    if left >= 4 { operands.multiply(Rows4<Row>.self, &left) }
    if left >= 2 { operands.multiply(Rows2<Row>.self, &left) }
    if left >= 1 { operands.multiply(Row.self, &left) }
  }
#else
  /// 16 registers of 4 numbers: 12 of sums, one of the panel, one of factors, one of their product.
  private typealias PanelRow = NarrowRow

  /// All rows of a block with one panel, the greatest tiles first.
  @inline(always)
  private func multiplyRows<Row: TileRows>(_ rows: Int, _ operands: TileOperands, _: Row.Type) {
    var (left, operands) = (rows, operands)
    while left >= 3 { operands.multiply(Rows3<Row>.self, &left) }
    if left >= 2 { operands.multiply(Rows2<Row>.self, &left) }
    if left >= 1 { operands.multiply(Row.self, &left) }
  }
#endif

/// The columns of a full panel.
@inline(always)
var panelColumns: Int { PanelRow.Panel.count }

func multiply(
  rows: Int, columns: Int, depth: Int, block: UnsafePointer<Float>, type: ReelPanelType,
  panels: UnsafeRawPointer, panelDepth: Int, firstColumn: Int, firstDepth: Int, accumulates: Bool,
  products: UnsafeMutablePointer<Float>, pitch: Int, scratch: UnsafeMutablePointer<Float>
) {
  var column = 0
  while column < columns {
    let width = panelWidth(column, of: columns)
    let offset = (firstColumn + column) * panelDepth + firstDepth * width
    let panel = floats(type, panels, offset: offset, count: depth * width, scratch: scratch)
    let operands = TileOperands(
      depth: depth, factors: block, panel: panel, accumulates: accumulates, sums: products + column,
      pitch: pitch)
    if width == panelColumns {
      multiplyRows(rows, operands, PanelRow.self)
    } else {
      multiplyRows(rows, operands, NarrowRow.self)
    }
    column += width
  }
}

/// A part of a panel as 32-bit numbers: in place, or widened into `scratch`.
@inline(always)
private func floats(
  _ type: ReelPanelType, _ panels: UnsafeRawPointer, offset: Int, count: Int,
  scratch: UnsafeMutablePointer<Float>
) -> UnsafePointer<Float> {
  if type == reel_panel_float32 { return panels.assumingMemoryBound(to: Float.self) + offset }
  let half = panels.assumingMemoryBound(to: UInt16.self) + offset
  if type == reel_panel_bfloat16 {
    for index in 0..<count { scratch[index] = Float(bitPattern: UInt32(half[index]) << 16) }
  } else {
    for index in 0..<count {
      let bits = UInt32(half[index])
      let magnitude = bits & 0x7FFF
      // The exponent's bias grows by 112; that also makes the subnormal numbers right.
      let finite = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
      let value = magnitude < 0x7C00 ? finite : 0x7F80_0000 | magnitude << 13
      scratch[index] = Float(bitPattern: value | (bits & 0x8000) << 16)
    }
  }
  return UnsafePointer(scratch)
}
