// The matrix product of a block of rows with packed panels: a tile of sums stays in registers while the inner
// dimension runs.
//
// The types are private: what others could see would get metadata, whose functions the linker merges over levels.
import CKernels

// MARK: one step along the inner dimension

/// How a word of a row and a word of each of sixteen columns are multiplied and added.
private protocol Step {
  associatedtype Factor
  associatedtype Columns
  /// The words of a row that one word of a panel takes.
  static var words: Int { get }
  /// A word of a row in all lanes.
  static func factor(_ row: UnsafePointer<Float>) -> Factor
  static func columns(_ panel: UnsafePointer<Float>) -> Columns
  static func add(_ sums: Vector, _ factor: Factor, _ columns: Columns) -> Vector
  /// The number that a sum stands for, in a row and sixteen columns.
  static func number(_ sums: Vector, _ epilogue: ReelEpilogue, row: Int, column: Int) -> Vector
}

extension Step {
  @inline(always) static var words: Int { 1 }

  @inline(always)
  static func number(_ sums: Vector, _ epilogue: ReelEpilogue, row: Int, column: Int) -> Vector { sums }
}

/// Words that are multiplied as they lie.
extension Step where Factor == Vector {
  @inline(always) static func factor(_ row: UnsafePointer<Float>) -> Vector {
    Vector(repeating: row.pointee)
  }
}

extension Step where Columns == Vector {
  @inline(always) static func columns(_ panel: UnsafePointer<Float>) -> Vector { load(panel) }
}

/// Words of two halves, each of which is widened.
extension Step where Columns == Halves {
  @inline(always) static func columns(_ panel: UnsafePointer<Float>) -> Halves {
    Halves(widening: load(panel))
  }
}

/// A number times a number.
private struct FloatStep: Step {
  @inline(always) static func add(_ sums: Vector, _ factor: Vector, _ columns: Vector) -> Vector {
    fma(sums, factor, columns)
  }
}

/// The two halves of words, each in a register of its own.
private struct Halves {
  let lower: Vector
  let upper: Vector

  @inline(always) init(_ lower: Vector, _ upper: Vector) { (self.lower, self.upper) = (lower, upper) }

  /// Two bfloat16 as the numbers that they are.
  @inline(always) init(widening words: Vector) {
    let bits = unsafeBitCast(words, to: SIMD16<UInt32>.self)
    lower = unsafeBitCast(bits &<< SIMD16(repeating: 16), to: Vector.self)
    upper = unsafeBitCast(bits & SIMD16(repeating: 0xFFFF_0000), to: Vector.self)
  }
}

/// Two numbers times two of bfloat16.
private struct WideningStep: Step {
  @inline(always) static var words: Int { 2 }
  @inline(always) static func factor(_ row: UnsafePointer<Float>) -> Halves {
    Halves(Vector(repeating: row[0]), Vector(repeating: row[1]))
  }
  @inline(always) static func add(_ sums: Vector, _ factor: Halves, _ columns: Halves) -> Vector {
    fma(fma(sums, factor.lower, columns.lower), factor.upper, columns.upper)
  }
}

#if REEL_V4BF16
  /// Two bfloat16 times two.
  private struct BFloat16Step: Step {
    @inline(always) static func add(_ sums: Vector, _ factor: Vector, _ columns: Vector) -> Vector {
      reel_dot_bfloat16(sums, factor, columns)
    }
  }

  /// Four bytes times four.
  private struct ByteStep: Step {
    @inline(always) static func factor(_ row: UnsafePointer<Float>) -> ReelInts {
      unsafeBitCast(Vector(repeating: row.pointee), to: ReelInts.self)
    }
    @inline(always) static func columns(_ panel: UnsafePointer<Float>) -> ReelInts {
      unsafeBitCast(load(panel), to: ReelInts.self)
    }
    @inline(always) static func add(_ sums: Vector, _ factor: ReelInts, _ columns: ReelInts) -> Vector {
      unsafeBitCast(
        reel_dot_bytes(unsafeBitCast(sums, to: ReelInts.self), factor, columns), to: Vector.self)
    }
  }
#else
  /// Two bfloat16 times two: the upper halves first, as the instruction for it does.
  private struct BFloat16Step: Step {
    @inline(always) static func factor(_ row: UnsafePointer<Float>) -> Halves {
      Halves(widening: Vector(repeating: row.pointee))
    }
    @inline(always) static func add(_ sums: Vector, _ factor: Halves, _ columns: Halves) -> Vector {
      fma(fma(sums, factor.upper, columns.upper), factor.lower, columns.lower)
    }
  }

  /// The even and the odd bytes of words, each as 16-bit integers.
  private struct Bytes {
    let even: ReelSignedShorts
    let odd: ReelSignedShorts
  }

  /// Four bytes times four.
  private struct ByteStep: Step {
    @inline(always) static func factor(_ row: UnsafePointer<Float>) -> Bytes {
      let words = unsafeBitCast(Vector(repeating: row.pointee), to: SIMD16<UInt32>.self)
      let mask = SIMD16<UInt32>(repeating: 0x00FF_00FF)
      return Bytes(
        even: unsafeBitCast(words & mask, to: ReelSignedShorts.self),
        odd: unsafeBitCast((words &>> SIMD16(repeating: 8)) & mask, to: ReelSignedShorts.self))
    }
    @inline(always) static func columns(_ panel: UnsafePointer<Float>) -> Bytes {
      let halves = unsafeBitCast(load(panel), to: ReelSignedShorts.self)
      let byte = ReelSignedShorts(repeating: 8)
      return Bytes(
        even: (halves &<< byte) &>> byte,
        odd: halves &>> byte)
    }
    @inline(always) static func add(_ sums: Vector, _ factor: Bytes, _ columns: Bytes) -> Vector {
      let before = unsafeBitCast(sums, to: ReelInts.self)
      let even = before &+ reel_pair_products(factor.even, columns.even)
      return unsafeBitCast(even &+ reel_pair_products(factor.odd, columns.odd), to: Vector.self)
    }
  }
#endif

extension ByteStep {
  /// (sum + term)·column scale·row scale.
  @inline(always)
  static func number(_ sums: Vector, _ epilogue: ReelEpilogue, row: Int, column: Int) -> Vector {
    let terms = UnsafeRawPointer(epilogue.column_terms! + column).assumingMemoryBound(to: Float.self)
    let whole = unsafeBitCast(sums, to: ReelInts.self) &+ unsafeBitCast(load(terms), to: ReelInts.self)
    return reel_floats(whole) * load(epilogue.column_scales! + column)
      * Vector(repeating: epilogue.row_scales![row])
  }
}

// MARK: tiles

/// One row of a panel in registers.
private protocol PanelColumns {
  associatedtype Word: Step
  static var count: Int { get }
  init(loading panel: UnsafePointer<Float>)
}

/// 16 columns.
private struct NarrowColumns<Word: Step>: PanelColumns {
  let columns: Word.Columns
  @inline(always) static var count: Int { 16 }
  @inline(always) init(loading panel: UnsafePointer<Float>) { columns = Word.columns(panel) }
}

/// 32 columns.
private struct WideColumns<Word: Step>: PanelColumns {
  let left: Word.Columns
  let right: Word.Columns
  @inline(always) static var count: Int { 32 }
  @inline(always) init(loading panel: UnsafePointer<Float>) {
    (left, right) = (Word.columns(panel), Word.columns(panel + 16))
  }
}

/// Some rows of sums, all of which see the same row of a panel.
private protocol TileRows {
  associatedtype Panel: PanelColumns
  static var count: Int { get }
  init()
  init(loading sums: UnsafePointer<Float>, pitch: Int)
  /// Adds the product of one word a row (in rows of pitch `reel_panel_depth`) and one row of the panel.
  mutating func add(_ factors: UnsafePointer<Float>, _ panel: Panel)
  /// Turns the sums into numbers, and adds the bias.
  mutating func finish(_ epilogue: ReelEpilogue, row: Int, column: Int)
  func store(_ sums: UnsafeMutablePointer<Float>, pitch: Int)
}

/// The number that a sum stands for, and the bias.
@inline(always)
private func finished<Word: Step>(
  _: Word.Type, _ sums: Vector, _ epilogue: ReelEpilogue, row: Int, column: Int
) -> Vector {
  let number = Word.number(sums, epilogue, row: row, column: column)
  guard let bias = epilogue.bias else { return number }
  return number + load(bias + column)
}

/// One row of 16 columns.
private struct NarrowRow<Word: Step>: TileRows {
  typealias Panel = NarrowColumns<Word>
  var sums: Vector
  @inline(always) static var count: Int { 1 }
  @inline(always) init() { sums = Vector(repeating: 0) }
  @inline(always) init(loading sums: UnsafePointer<Float>, pitch: Int) { self.sums = load(sums) }

  @inline(always) mutating func add(_ factors: UnsafePointer<Float>, _ panel: Panel) {
    sums = Word.add(sums, Word.factor(factors), panel.columns)
  }

  @inline(always) mutating func finish(_ epilogue: ReelEpilogue, row: Int, column: Int) {
    sums = finished(Word.self, sums, epilogue, row: row, column: column)
  }

  @inline(always) func store(_ sums: UnsafeMutablePointer<Float>, pitch: Int) {
    place(self.sums, sums)
  }
}

/// One row of 32 columns.
private struct WideRow<Word: Step>: TileRows {
  typealias Panel = WideColumns<Word>
  var left: Vector
  var right: Vector
  @inline(always) static var count: Int { 1 }
  @inline(always) init() { (left, right) = (Vector(repeating: 0), Vector(repeating: 0)) }
  @inline(always) init(loading sums: UnsafePointer<Float>, pitch: Int) {
    (left, right) = (load(sums), load(sums + 16))
  }

  @inline(always) mutating func add(_ factors: UnsafePointer<Float>, _ panel: Panel) {
    let factor = Word.factor(factors)
    left = Word.add(left, factor, panel.left)
    right = Word.add(right, factor, panel.right)
  }

  @inline(always) mutating func finish(_ epilogue: ReelEpilogue, row: Int, column: Int) {
    left = finished(Word.self, left, epilogue, row: row, column: column)
    right = finished(Word.self, right, epilogue, row: row, column: column + 16)
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

  @inline(always) mutating func finish(_ epilogue: ReelEpilogue, row: Int, column: Int) {
    upper.finish(epilogue, row: row, column: column)
    lower.finish(epilogue, row: row + Upper.count, column: column)
  }

  @inline(always) func store(_ sums: UnsafeMutablePointer<Float>, pitch: Int) {
    upper.store(sums, pitch: pitch)
    lower.store(sums + Upper.count * pitch, pitch: pitch)
  }
}

private typealias Rows2<Row: TileRows> = Rows<Row, Row>
private typealias Rows3<Row: TileRows> = Rows<Rows2<Row>, Row>
private typealias Rows4<Row: TileRows> = Rows<Rows2<Row>, Rows2<Row>>
private typealias Rows5<Row: TileRows> = Rows<Rows4<Row>, Row>
private typealias Rows6<Row: TileRows> = Rows<Rows4<Row>, Rows2<Row>>
private typealias Rows7<Row: TileRows> = Rows<Rows4<Row>, Rows3<Row>>
private typealias Rows8<Row: TileRows> = Rows<Rows4<Row>, Rows4<Row>>
private typealias Rows10<Row: TileRows> = Rows<Rows6<Row>, Rows4<Row>>
private typealias Rows12<Row: TileRows> = Rows<Rows8<Row>, Rows4<Row>>
private typealias Rows14<Row: TileRows> = Rows<Rows8<Row>, Rows6<Row>>

/// What a tile multiplies: rows of factors, a panel, and where the sums go.
private struct TileOperands {
  let depth: Int
  var factors: UnsafePointer<Float>
  let panel: UnsafePointer<Float>
  let accumulates: Bool
  /// Where these are the last words: what becomes of the sums, from which row and column on.
  let epilogue: UnsafePointer<ReelEpilogue>?
  var row = 0
  let column: Int
  var sums: UnsafeMutablePointer<Float>
  let pitch: Int

  /// Multiplies as many rows as `Tile` has, and goes on to the next ones.
  @inline(always)
  mutating func multiply<Tile: TileRows>(_: Tile.Type, _ rowsLeft: inout Int) {
    var tile = accumulates ? Tile(loading: sums, pitch: pitch) : Tile()
    for k in 0..<depth {
      tile.add(
        factors + k * Tile.Panel.Word.words, Tile.Panel(loading: panel + k * Tile.Panel.count))
    }
    if let epilogue { tile.finish(epilogue.pointee, row: row, column: column) }
    tile.store(sums, pitch: pitch)
    row += Tile.count
    factors += Tile.count * Int(reel_panel_depth)
    sums += Tile.count * pitch
    rowsLeft -= Tile.count
  }
}

#if REEL_V4 || REEL_V4BF16
  /// 32 registers of 16 numbers: 28 of sums, two of the panel, two of factors.
  private typealias PanelRow<Word: Step> = WideRow<Word>

  /// All rows of a block with one panel, in tiles of about the same height: two of 8 rows rather than one of 14 and
  /// one of 2, which would wait for its own sums.
  @inline(always)
  private func multiplyRows<Row: TileRows>(_ rows: Int, _ operands: TileOperands, _: Row.Type) {
    var (left, operands) = (rows, operands)
    while left > 0 {
      let tiles = (left + 13) / 14
      switch (left + tiles - 1) / tiles {
      case 13... where left >= 14: operands.multiply(Rows14<Row>.self, &left)
      case 11... where left >= 12: operands.multiply(Rows12<Row>.self, &left)
      case 9... where left >= 10: operands.multiply(Rows10<Row>.self, &left)
      case 8...: operands.multiply(Rows8<Row>.self, &left)
      case 7: operands.multiply(Rows7<Row>.self, &left)
      case 6: operands.multiply(Rows6<Row>.self, &left)
      case 5: operands.multiply(Rows5<Row>.self, &left)
      case 4: operands.multiply(Rows4<Row>.self, &left)
      case 3: operands.multiply(Rows3<Row>.self, &left)
      case 2: operands.multiply(Rows2<Row>.self, &left)
      default: operands.multiply(Row.self, &left)
      }
    }
  }
#elseif REEL_V3
  /// 16 registers of 8 numbers: 12 of sums, two of the panel, one of factors.
  private typealias PanelRow<Word: Step> = NarrowRow<Word>

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
  private typealias PanelRow<Word: Step> = NarrowRow<Word>

  /// All rows of a block with one panel, the greatest tiles first.
  @inline(always)
  private func multiplyRows<Row: TileRows>(_ rows: Int, _ operands: TileOperands, _: Row.Type) {
    var (left, operands) = (rows, operands)
    while left >= 3 { operands.multiply(Rows3<Row>.self, &left) }
    if left >= 2 { operands.multiply(Rows2<Row>.self, &left) }
    if left >= 1 { operands.multiply(Row.self, &left) }
  }
#endif

// MARK: blocks

/// The columns of a full panel.
@inline(always)
var panelColumns: Int { PanelRow<FloatStep>.Panel.count }

func multiply(
  rows: Int, columns: Int, depth: Int, block: UnsafePointer<Float>, product: ReelProduct,
  panels: UnsafeRawPointer, panelDepth: Int, firstColumn: Int, firstWord: Int, accumulates: Bool,
  epilogue: UnsafePointer<ReelEpilogue>?, products: UnsafeMutablePointer<Float>, pitch: Int,
  scratch: UnsafeMutablePointer<Float>?
) {
  var column = 0
  while column < columns {
    let width = panelWidth(column, of: columns)
    let offset = (firstColumn + column) * panelDepth + firstWord * width
    let panel =
      product == reel_product_float16
      ? widened(panels.assumingMemoryBound(to: UInt16.self) + offset, depth * width, scratch!)
      : panels.assumingMemoryBound(to: Float.self) + offset
    let operands = TileOperands(
      depth: depth, factors: block, panel: panel, accumulates: accumulates, epilogue: epilogue,
      column: column,
      sums: products + column, pitch: pitch)
    switch product {
    case reel_product_widened_bfloat16: multiply(rows, width, operands, WideningStep.self)
    case reel_product_bfloat16: multiply(rows, width, operands, BFloat16Step.self)
    case reel_product_int8: multiply(rows, width, operands, ByteStep.self)
    default: multiply(rows, width, operands, FloatStep.self)
    }
    column += width
  }
}

@inline(always)
private func multiply<Word: Step>(_ rows: Int, _ width: Int, _ operands: TileOperands, _: Word.Type) {
  if width == panelColumns {
    multiplyRows(rows, operands, PanelRow<Word>.self)
  } else {
    multiplyRows(rows, operands, NarrowRow<Word>.self)
  }
}

/// Numbers of float16 in `scratch`.
@inline(always)
private func widened(
  _ numbers: UnsafePointer<UInt16>, _ count: Int, _ scratch: UnsafeMutablePointer<Float>
) -> UnsafePointer<Float> {
  for index in 0..<count {
    let bits = UInt32(numbers[index])
    let magnitude = bits & 0x7FFF
    // The exponent's bias grows by 112; that also makes the subnormal numbers right.
    let finite = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
    let value = magnitude < 0x7C00 ? finite : 0x7F80_0000 | magnitude << 13
    scratch[index] = Float(bitPattern: value | (bits & 0x8000) << 16)
  }
  return UnsafePointer(scratch)
}
