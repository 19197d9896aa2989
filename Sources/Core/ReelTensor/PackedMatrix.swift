// The right operand of a product, in the panels that the register tile reads.
import CKernels

/// A matrix whose columns are packed once, for products with many rows.
struct PackedMatrix: @unchecked Sendable {
  // Unchecked: the storage is not written after `init`, and the table of loops is constant.
  let columns: Int
  let depth: Int
  private let type: ReelPanelType
  private let panels: Storage
  /// The loops whose panels these are.
  private let kernels = ReelTensor.kernels

  /// - Parameters:
  ///   - weight: `columns`×`depth` numbers in `float32`, or 16-bit types, which stay so; element (n, k) lies at
  ///     n·`pitch` + k·`step`.
  init(_ weight: Tensor, columns: Int, depth: Int, pitch: Int, step: Int) {
    let size = weight.elementType.byteCount
    switch weight.elementType {
    case .float32: type = reel_panel_float32
    case .bfloat16: type = reel_panel_bfloat16
    case .float16: type = reel_panel_float16
    default: preconditionFailure("a weight of \(weight.elementType)")
    }
    self.columns = columns
    self.depth = depth
    let width = kernels.panel_columns
    let (kernels, panels) = (kernels, Storage(byteCount: (columns + 15) / 16 * 16 * depth * size))
    self.panels = panels
    weight.withBytes { bytes in
      dispatch((columns + width - 1) / width, grain: max(1, 65536 / max(1, depth * width))) { range in
        let first = range.lowerBound * width
        let count = min(range.upperBound * width, columns) - first
        guard count > 0, depth > 0, let start = bytes.baseAddress else { return }
        kernels.pack_panels(
          size, start + first * pitch * size, count, depth, pitch, step, panels.bytes + first * depth * size)
      }
    }
  }

  /// activation(rows·matrix + bias) into `output`, `[rows, columns]`.
  ///
  /// - Parameters:
  ///   - slopes: `[columns]`; where given, they are the activation: what is below 0 is multiplied by its column's.
  ///   - gather: writes the numbers from `column` on of some rows, to rows of pitch `reel_panel_depth`.
  func multiply(
    rows: Int, bias: Tensor?, slopes: Tensor? = nil, activation: Activation,
    output: UnsafeMutablePointer<Float>,
    gather: (_ rows: Range<Int>, _ column: Int, _ depth: Int, _ block: UnsafeMutablePointer<Float>) -> Void
  ) {
    guard rows > 0, columns > 0 else { return }
    let split = ProductSplit(rows: rows, columns: columns, threads: Threads.count)
    dispatch(split.count, grain: 1) { range in
      for part in range { multiply(split.part(part), split, bias, slopes, activation, output, gather) }
    }
    withExtendedLifetime((panels, bias, slopes)) {}
  }

  private func multiply(
    _ part: (rows: Range<Int>, columns: Range<Int>), _ split: ProductSplit, _ bias: Tensor?,
    _ slopes: Tensor?, _ activation: Activation, _ output: UnsafeMutablePointer<Float>,
    _ gather: (Range<Int>, Int, Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let panelDepth = Int(reel_panel_depth)
    let pitch = split.columnsPerPart
    withScratch(split.rowsPerPart * (panelDepth + pitch) + panelDepth * kernels.panel_columns) { block in
      let products = block + split.rowsPerPart * panelDepth
      let scratch = products + split.rowsPerPart * pitch
      let columns = part.columns.count
      var first = 0
      repeat {
        let depth = min(panelDepth, self.depth - first)
        gather(part.rows, first, depth, block)
        kernels.multiply(
          part.rows.count, columns, depth, block, type, panels.bytes, self.depth, part.columns.lowerBound,
          first,
          first > 0 ? 1 : 0, products, pitch, scratch)
        first += depth
      } while first < self.depth
      kernels.finish(
        part.rows.count, columns, products, pitch,
        bias.map { UnsafePointer($0.floats.baseAddress!) + part.columns.lowerBound },
        slopes.map { UnsafePointer($0.floats.baseAddress!) + part.columns.lowerBound }, activation.kernel,
        output + part.rows.lowerBound * self.columns + part.columns.lowerBound, self.columns)
    }
  }
}

/// How a product is shared out: blocks of rows times runs of columns. No result depends on it.
private struct ProductSplit {
  let rows: Int
  let columns: Int
  let rowsPerPart: Int
  let columnsPerPart: Int
  private let columnParts: Int
  private let rowParts: Int

  init(rows: Int, columns: Int, threads: Int) {
    (self.rows, self.columns) = (rows, columns)
    // A block of 112 rows and its products fill a quarter of a megabyte, the second-level cache of small machines.
    var rowParts = (rows + 111) / 112
    // Runs of 256 columns keep the gathering of rows below a few per cent.
    var columnsPerPart = min(256, (columns + 31) / 32 * 32)
    // Small products: narrower runs, then fewer rows, until each thread has two parts.
    while threads > 1, rowParts * ((columns + columnsPerPart - 1) / columnsPerPart) < 2 * threads,
      columnsPerPart >= 128
    {
      columnsPerPart = (columnsPerPart / 2 + 31) / 32 * 32
    }
    columnParts = (columns + columnsPerPart - 1) / columnsPerPart
    if threads > 1, rowParts * columnParts < threads { rowParts = max(1, min(rows / 14, threads)) }
    rowsPerPart = (rows + rowParts - 1) / rowParts
    self.rowParts = (rows + rowsPerPart - 1) / rowsPerPart
    self.columnsPerPart = columnsPerPart
  }

  var count: Int { rowParts * columnParts }

  func part(_ index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let row = index / columnParts * rowsPerPart
    let column = index % columnParts * columnsPerPart
    return (row..<min(row + rowsPerPart, rows), column..<min(column + columnsPerPart, columns))
  }
}
