// The right operand of a product, in the panels that the register tile reads.
import CKernels

/// A matrix whose columns are packed once, for products with many rows.
struct PackedMatrix: @unchecked Sendable {
  // Unchecked: the storages are not written after `init`, and the table of loops is constant.
  let columns: Int
  let depth: Int
  private let product: ReelProduct
  /// The words of a column.
  private let words: Int
  private let panels: Storage
  /// Of a matrix of bytes: what one of them stands for, by column.
  private let scales: Tensor?
  /// Of a matrix of bytes, by column: what the sums have too much, because the bytes of rows are not signed.
  private let terms: Tensor?
  /// The loops whose panels these are.
  private let kernels = ReelTensor.kernels

  /// What is added to the bytes of rows, to make them unsigned.
  private static let rowOffset: Int32 = 128

  /// - Parameters:
  ///   - weight: `[columns, depth]` in `float32`, `bfloat16` or `float16`; 16-bit numbers stay so.
  ///   - precision: what the operands are rounded to.
  ///   - place: where the panels are kept; `nil` for memory.
  init(_ weight: Tensor, precision: Precision = .float32, keptAt place: DerivedPlace? = nil) {
    let (columns, depth) = (weight.shape[0], weight.shape[1])
    let (product, words) =
      switch (precision, weight.elementType) {
      case (.float32, .bfloat16): (reel_product_widened_bfloat16, (depth + 1) / 2)
      case (.float32, .float16): (reel_product_float16, depth)
      case (.float32, _): (reel_product_float32, depth)
      case (.bfloat16, _): (reel_product_bfloat16, (depth + 1) / 2)
      case (.int8, _): (reel_product_int8, (depth + 3) / 4)
      }
    let layout = PanelLayout(columns: columns, words: words, product: product)
    func pack(_ target: UnsafeMutableRawPointer) {
      let packed: Tensor
      switch (precision, weight.elementType) {
      case (.float32, .float16): packed = weight
      case (.float32, .bfloat16), (.bfloat16, .bfloat16): packed = weight.paddedPairs
      case (.float32, _): packed = weight.converted(to: .float32)
      case (.bfloat16, _): packed = weight.converted(to: .float32).roundedRows(words: words)
      case (.int8, _):
        let bytes = weight.converted(to: .float32).quantizedRows(words: words)
        packed = bytes.words
        bytes.scales.withBytes {
          (target + layout.scales).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
        packed.writeColumnTerms(
          rowOffset: Self.rowOffset, to: (target + layout.terms).assumingMemoryBound(to: Int32.self))
      }
      Self.pack(packed, layout, pitch: words, step: 1, into: target)
    }
    (self.columns, self.depth, self.product, self.words) = (columns, depth, product, words)
    let storage: Storage
    if let place {
      // What is packed depends on the loops as well.
      let key =
        "panels \(Self.format)\n\(CPULevel.current.rawValue) \(precision.rawValue) \(weight.elementType.rawValue)"
        + " \(columns)x\(depth)\n\(place.key)"
      storage = place.files.storage(for: key, byteCount: layout.byteCount, make: pack)
    } else {
      storage = Storage(byteCount: layout.byteCount)
      pack(storage.bytes)
    }
    func rest(_ type: ElementType, _ offset: Int) -> Tensor? {
      product == reel_product_int8
        ? Tensor(shape: [columns], elementType: type, storage: storage, byteOffset: offset) : nil
    }
    panels = storage
    (scales, terms) = (rest(.float32, layout.scales), rest(.int32, layout.terms))
  }

  /// Raised when the same weight would be packed otherwise than before.
  private static let format = 1

  /// A matrix of numbers that lies otherwise: element (n, k) at n·`pitch` + k·`step` of a `float32` tensor.
  init(_ numbers: Tensor, columns: Int, depth: Int, pitch: Int, step: Int) {
    (self.columns, self.depth, words) = (columns, depth, depth)
    (product, scales, terms) = (reel_product_float32, nil, nil)
    let layout = PanelLayout(columns: columns, words: depth, product: product)
    panels = Storage(byteCount: layout.byteCount)
    Self.pack(numbers, layout, pitch: pitch, step: step, into: panels.bytes)
  }

  private static func pack(
    _ weight: Tensor, _ layout: PanelLayout, pitch: Int, step: Int, into panels: UnsafeMutableRawPointer
  ) {
    let (kernels, width) = (ReelTensor.kernels, ReelTensor.kernels.panel_columns)
    let (columns, words, size) = (layout.columns, layout.words, layout.wordSize)
    weight.withBytes { bytes in
      dispatch((columns + width - 1) / width, grain: max(1, 65536 / max(1, words * width))) { range in
        let first = range.lowerBound * width
        let count = min(range.upperBound * width, columns) - first
        guard count > 0, words > 0, let start = bytes.baseAddress else { return }
        kernels.pack_panels(
          size, start + first * pitch * size, count, words, pitch, step, panels + first * words * size)
      }
    }
  }

  /// The product with `x`, `[…, depth]`, into `output`, `[…, columns]`.
  func multiply(_ x: Tensor, _ epilogue: Epilogue, output: UnsafeMutablePointer<Float>) {
    let (rows, kernels, depth, pitch) = (x.shape.rowCount, kernels, depth, Int(reel_panel_depth))
    x.withFloats { input in
      guard let source = input.baseAddress else { return }
      switch product {
      case reel_product_bfloat16:
        multiply(rows: rows, epilogue, keepsRows: true, output: output) { rows, word, words, block in
          let width = min(2 * words, depth - 2 * word)
          kernels.round_rows(
            rows.count, width, source + rows.lowerBound * depth + 2 * word, depth, words, block, pitch)
        }
      case reel_product_int8:
        let (scales, offset) = (x.byteScales, Self.rowOffset)
        multiply(rows: rows, epilogue, rowScales: scales, keepsRows: true, output: output) {
          rows, word, words, block in
          let width = min(4 * words, depth - 4 * word)
          kernels.quantize_rows(
            rows.count, width, source + rows.lowerBound * depth + 4 * word, depth,
            scales.floats.baseAddress! + rows.lowerBound, offset, words, block, pitch)
        }
      default:
        multiply(rows: rows, epilogue, keepsRows: true, output: output) { rows, column, count, block in
          kernels.copy_rows(source + rows.lowerBound * depth + column, rows.count, count, depth, block)
        }
      }
    }
  }

  /// products[rows, columns] (+)= block·some words of the matrix, in rows of the pitch ``paddedColumns``.
  func multiply(
    rows: Int, block: UnsafePointer<Float>, firstWord: Int, words: Int,
    products: UnsafeMutablePointer<Float>
  ) {
    kernels.multiply(
      rows, paddedColumns, words, block, product, panels.bytes, self.words, 0, firstWord,
      firstWord > 0 ? 1 : 0, nil, products, paddedColumns, nil)
  }

  /// The columns filled up to whole vectors.
  var paddedColumns: Int { (columns + 15) / 16 * 16 }

  /// Writes the words from `word` on of some rows, to rows of pitch `reel_panel_depth`.
  typealias Gather = (
    _ rows: Range<Int>, _ word: Int, _ words: Int, _ block: UnsafeMutablePointer<Float>
  ) -> Void

  /// The product with rows that are gathered as they are needed, into `output`, `[rows, columns]`.
  ///
  /// - Parameters:
  ///   - rowScales: of rows of bytes, what one stands for.
  ///   - keepsRows: whether rows that are multiplied with several runs of columns are gathered once, for all.
  func multiply(
    rows: Int, _ epilogue: Epilogue, rowScales: Tensor? = nil, keepsRows: Bool,
    output: UnsafeMutablePointer<Float>, gather: Gather
  ) {
    guard rows > 0, columns > 0 else { return }
    let split = ProductSplit(rows: rows, columns: columns, threads: Threads.count)
    let chunks = max(1, (rowWords + Int(reel_panel_depth) - 1) / Int(reel_panel_depth))
    let work = ProductWork(
      split: split, chunks: chunks, epilogue: epilogue, rowScales: rowScales, output: output)
    if keepsRows, split.columnParts > 1 {
      let gathered = Tensor(uninitialized: [split.rowParts * chunks, split.blockSize])
      let blocks = gathered.floats.baseAddress!
      dispatch(split.rowParts * chunks, grain: max(1, 1 << 15 / split.blockSize)) { range in
        for index in range {
          fill(
            blocks + index * split.blockSize, rows: split.rows(index / chunks), chunk: index % chunks, gather)
        }
      }
      dispatch(split.count, grain: 1) { range in
        for part in range {
          multiply(part, work) { row, chunk, _ in blocks + (row * chunks + chunk) * split.blockSize }
        }
      }
      withExtendedLifetime(gathered) {}
    } else {
      dispatch(split.count, grain: 1) { range in
        for part in range {
          multiply(part, work) { row, chunk, memory in
            fill(memory, rows: split.rows(row), chunk: chunk, gather)
            return memory
          }
        }
      }
    }
    withExtendedLifetime((panels, epilogue, scales, terms, rowScales)) {}
  }

  /// The words of a row of the left operand.
  private var rowWords: Int { product == reel_product_widened_bfloat16 ? depth : words }

  /// Gathers the words of a chunk.
  private func fill(_ block: UnsafeMutablePointer<Float>, rows: Range<Int>, chunk: Int, _ gather: Gather) {
    let pitch = Int(reel_panel_depth)
    let count = min(pitch, rowWords - chunk * pitch)
    gather(rows, chunk * pitch, count, block)
    if product == reel_product_widened_bfloat16, count % 2 != 0 {
      // The panel's last word has a half that is no number of the row.
      for row in 0..<rows.count { block[row * pitch + count] = 0 }
    }
  }

  /// Computes a part of the product.
  ///
  /// - Parameter block: where the words of a block of rows lie; they may be gathered into the memory given.
  private func multiply(
    _ part: Int, _ work: ProductWork,
    block: (_ row: Int, _ chunk: Int, _ memory: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float>
  ) {
    let (split, panelDepth) = (work.split, Int(reel_panel_depth))
    let (row, column) = (part / split.columnParts, part % split.columnParts)
    let (rows, columns) = (split.rows(row), split.columns(column))
    var epilogue = reelEpilogue(work, row: rows.lowerBound, column: columns.lowerBound)
    // A word of a panel may take two of a row.
    let step = product == reel_product_widened_bfloat16 ? 2 : 1
    let output = work.output + rows.lowerBound * self.columns + columns.lowerBound
    // Whole vectors go straight to where they belong.
    let isDirect = columns.count % 16 == 0
    let spare = split.rowsPerPart * split.columnsPerPart
    withScratch(split.blockSize + spare + panelDepth * kernels.panel_columns) { memory in
      let products = isDirect ? output : memory + split.blockSize
      let pitch = isDirect ? self.columns : split.columnsPerPart
      for chunk in 0..<work.chunks {
        let first = chunk * panelDepth
        let count = min(panelDepth, rowWords - first)
        let factors = block(row, chunk, memory)
        withUnsafePointer(to: epilogue) {
          kernels.multiply(
            rows.count, columns.count, (count + step - 1) / step, factors, product, panels.bytes, words,
            columns.lowerBound, first / step, chunk > 0 ? 1 : 0, chunk == work.chunks - 1 ? $0 : nil,
            products, pitch, memory + split.blockSize + spare)
        }
      }
      if !isDirect || work.epilogue.goesOnAfterBias {
        kernels.finish(rows.count, columns.count, products, pitch, &epilogue, output, self.columns)
      }
    }
  }

  private func reelEpilogue(_ work: ProductWork, row: Int, column: Int) -> ReelEpilogue {
    var epilogue = work.epilogue.reelEpilogue(row: row, column: column, columns: columns)
    if let rowScales = work.rowScales, let scales, let terms {
      epilogue.row_scales = UnsafePointer(rowScales.floats.baseAddress!) + row
      epilogue.column_scales = UnsafePointer(scales.floats.baseAddress!) + column
      epilogue.column_terms =
        terms.withBytes { UnsafePointer($0.baseAddress!.assumingMemoryBound(to: Int32.self)) } + column
    }
    return epilogue
  }
}

/// What is kept of files in files: where, and of what.
public struct DerivedPlace: Hashable, Sendable {
  public let files: DerivedFiles
  /// Says which numbers they are: the digest of a file, and a name in it.
  public let key: String

  public init(files: DerivedFiles, key: String) {
    self.files = files
    self.key = key
  }
}

/// How panels lie in memory, and behind them what goes with panels of bytes.
private struct PanelLayout {
  let columns: Int
  let words: Int
  let wordSize: Int
  /// Where the scales of columns begin, and their terms.
  let scales: Int
  let terms: Int
  let byteCount: Int

  init(columns: Int, words: Int, product: ReelProduct) {
    (self.columns, self.words) = (columns, words)
    wordSize = product == reel_product_float16 ? 2 : 4
    let hasScales = product == reel_product_int8
    // A vector may be loaded at the last column.
    let row = hasScales ? (columns * 4 + 127) / 64 * 64 : 0
    scales = ((columns + 15) / 16 * 16 * words * wordSize + 63) / 64 * 64
    terms = scales + row
    byteCount = terms + row
  }
}

/// A product as its parts share it.
private struct ProductWork {
  let split: ProductSplit
  /// How many blocks of `reel_panel_depth` words a row has.
  let chunks: Int
  let epilogue: Epilogue
  let rowScales: Tensor?
  let output: UnsafeMutablePointer<Float>
}

extension Tensor {
  /// Rows of bfloat16 with an even number of columns, as words: the last one is 0 where there is none.
  fileprivate var paddedPairs: Tensor {
    let (rows, width) = (shape.rowCount, shape[-1])
    let words = (width + 1) / 2
    if width % 2 == 0 {
      return Tensor(
        shape: [rows, words], elementType: .float32, storage: storage, byteOffset: byteOffset)
    }
    let result = Tensor.zeros([rows, words])
    withBytes { bytes in
      for row in 0..<rows {
        (result.storage.bytes + row * words * 4)
          .copyMemory(from: bytes.baseAddress! + row * width * 2, byteCount: width * 2)
      }
    }
    return result
  }

  /// Frames whose channels are bfloat16, two to a word.
  var channelPairs: Tensor { roundedRows(words: shape[-1] / 2) }

  /// Rows of bfloat16, two to a word.
  fileprivate func roundedRows(words: Int) -> Tensor {
    let kernels = kernels
    return mappedRows(columns: words) { _, rows, width, input, output in
      kernels.round_rows(rows, width, input, width, words, output, words)
    }
  }

  /// What a byte of each row stands for, `[rows]`.
  fileprivate var byteScales: Tensor {
    let (kernels, width) = (kernels, shape[-1])
    let scales = Tensor.zeros([shape.rowCount])
    guard width > 0 else { return scales }
    withFloats { input in
      dispatch(shape.rowCount, grain: max(1, 32768 / width)) {
        kernels.byte_scales(
          $0.count, width, input.baseAddress! + $0.lowerBound * width,
          scales.floats.baseAddress! + $0.lowerBound)
      }
    }
    return scales
  }

  /// Rows of signed bytes, four to a word, and what one of them stands for, by row.
  fileprivate func quantizedRows(words: Int) -> (words: Tensor, scales: Tensor) {
    let (kernels, scales) = (kernels, byteScales)
    let rows = mappedRows(columns: words) { first, rows, width, input, output in
      kernels.quantize_rows(
        rows, width, input, width, scales.floats.baseAddress! + first, 0, words, output, words)
    }
    return (rows, scales)
  }

  /// −`rowOffset`·Σ of the signed bytes of each row, as 32-bit integers.
  fileprivate func writeColumnTerms(rowOffset: Int32, to terms: UnsafeMutablePointer<Int32>) {
    let width = shape[1] * 4
    withBytes { bytes in
      for row in 0..<shape[0] {
        var sum: Int32 = 0
        for index in row * width..<(row + 1) * width { sum += Int32(Int8(bitPattern: bytes[index])) }
        terms[row] = -rowOffset * sum
      }
    }
  }
}

/// How a product is shared out: blocks of rows times runs of columns. No result depends on it.
private struct ProductSplit {
  let rows: Int
  let columns: Int
  let rowsPerPart: Int
  let columnsPerPart: Int
  let columnParts: Int
  let rowParts: Int

  init(rows: Int, columns: Int, threads: Int) {
    (self.rows, self.columns) = (rows, columns)
    // Every block of rows reads the whole matrix from memory, and every run of columns reads the block again: both are
    // as great as leaves 336 rows of 256 words, and their sums in 384 columns, in a second-level cache of a megabyte.
    var rowParts = (rows + 335) / 336
    var columnsPerPart = min(384, (columns + 31) / 32 * 32)
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

  /// The words of a block of rows.
  var blockSize: Int { rowsPerPart * Int(reel_panel_depth) }

  func rows(_ part: Int) -> Range<Int> { part * rowsPerPart..<min((part + 1) * rowsPerPart, rows) }

  func columns(_ part: Int) -> Range<Int> {
    part * columnsPerPart..<min((part + 1) * columnsPerPart, columns)
  }
}
