// Attention of one head in blocks: scores of some queries and some keys at a time, softmax on the way (Milakov,
// Gimelshein: Online normalizer calculation for softmax, 2018), so that the matrix of scores is never there.
import CKernels

/// Keys that are scored at a time. As many as a panel is deep, so that their weights are rows for the next product.
private let blockKeys = Int(reel_panel_depth)
/// Queries at a time: whole tiles of 14 rows, and nearly whole ones of 6 and 3.
let blockQueries = 56

@inline(always)
private func panelled(_ count: Int) -> Int { (count + 15) / 16 * 16 }

/// The words of `count` numbers along an inner dimension.
@inline(always)
private func words(_ product: ReelProduct, _ count: Int) -> Int {
  product == reel_product_bfloat16 ? (count + 1) / 2 : count
}

/// Keys are the columns of the product that gives the scores: panels of [width][keys].
func attentionKeySize(count: Int, width: Int) -> Int { panelled(count) * width }

/// Values are its right operand: per block of keys, panels of [keys][width].
func attentionValueSize(count: Int, width: Int) -> Int { (count + 1) * panelled(width) }

func attentionScratch(width: Int, valueWidth: Int) -> Int {
  let chunks = (width + Int(reel_panel_depth) - 1) / Int(reel_panel_depth)
  return blockQueries * (chunks * Int(reel_panel_depth) + blockKeys + panelled(valueWidth) + 2)
}

func packKeys(
  _ product: ReelProduct, _ keys: UnsafePointer<Float>, pitch: Int, count: Int, width: Int,
  packed: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
) {
  if product == reel_product_float32 {
    return packPanels(
      size: 4, weight: keys, columns: count, depth: width, pitch: pitch, step: 1, panels: packed)
  }
  // A panel at a time: rows of words, then panels of them.
  let depth = words(product, width)
  var first = 0
  while first < count {
    let columns = min(panelColumns, count - first)
    roundRows(
      rows: columns, width: width, x: keys + first * pitch, pitch: pitch, words: depth, output: scratch,
      outputPitch: depth)
    packPanels(
      size: 4, weight: scratch, columns: columns, depth: depth, pitch: depth, step: 1,
      panels: packed + first * depth)
    first += columns
  }
}

func packValues(
  _ product: ReelProduct, _ values: UnsafePointer<Float>, pitch: Int, count: Int, width: Int,
  packed: UnsafeMutablePointer<Float>
) {
  var first = 0
  while first < count {
    let block = min(blockKeys, count - first)
    let (source, target) = (values + first * pitch, packed + words(product, first) * panelled(width))
    if product == reel_product_float32 {
      packPanels(
        size: 4, weight: source, columns: width, depth: block, pitch: 1, step: pitch, panels: target)
    } else {
      packPairs(source, columns: width, depth: block, pitch: pitch, panels: target)
    }
    first += block
  }
}

func attend(
  _ attention: ReelAttention, first: Int, rows: Int, scratch: UnsafeMutablePointer<Float>
) {
  let (product, depth) = (attention.product, Int(reel_panel_depth))
  let width = words(product, attention.width)
  let chunks = (width + depth - 1) / depth
  let queries = scratch
  let scores = queries + chunks * blockQueries * depth
  let sums = scores + blockQueries * blockKeys
  let valueWidth = panelled(attention.value_width)
  let greatestScores = sums + blockQueries * valueWidth
  let totals = greatestScores + blockQueries
  for chunk in 0..<chunks {
    placeQueries(
      attention, first: first, rows: rows, word: chunk * depth, words: min(depth, width - chunk * depth),
      block: queries + chunk * blockQueries * depth)
  }
  for row in 0..<rows {
    greatestScores[row] = -.infinity
    totals[row] = 0
  }
  clear(sums, rows * valueWidth)
  var key = 0
  while key < attention.key_count {
    let keys = min(blockKeys, attention.key_count - key)
    for chunk in 0..<chunks {
      multiply(
        rows: rows, columns: panelled(keys), depth: min(depth, width - chunk * depth),
        block: queries + chunk * blockQueries * depth, product: product, panels: attention.keys,
        panelDepth: width, firstColumn: key, firstWord: chunk * depth, accumulates: chunk > 0, epilogue: nil,
        products: scores, pitch: blockKeys, scratch: nil)
    }
    for row in 0..<rows {
      let factor = weigh(
        scores + row * blockKeys, attention, query: first + row, firstKey: key, keys: keys,
        greatestScore: greatestScores + row, total: totals + row)
      if factor != 1 { multiplyRow(sums + row * valueWidth, valueWidth, factor) }
    }
    if product == reel_product_bfloat16 { roundWeights(scores, rows: rows, keys: keys) }
    multiply(
      rows: rows, columns: valueWidth, depth: words(product, keys), block: scores, product: product,
      panels: attention.values + words(product, key) * valueWidth, panelDepth: words(product, keys),
      firstColumn: 0, firstWord: 0, accumulates: true, epilogue: nil, products: sums, pitch: valueWidth,
      scratch: nil)
    key += keys
  }
  for row in 0..<rows {
    multiplyRow(sums + row * valueWidth, valueWidth, 1 / totals[row])
    copy(
      sums + row * valueWidth, attention.value_width,
      attention.output + (first + row) * attention.output_pitch)
  }
}

/// Some words of each query, in rows of `reel_panel_depth`.
private func placeQueries(
  _ attention: ReelAttention, first: Int, rows: Int, word: Int, words: Int,
  block: UnsafeMutablePointer<Float>
) {
  let query = attention.query + first * attention.query_pitch
  if attention.product == reel_product_float32 {
    return copyRows(query + word, rows: rows, depth: words, pitch: attention.query_pitch, block: block)
  }
  roundRows(
    rows: rows, width: min(2 * words, attention.width - 2 * word), x: query + 2 * word,
    pitch: attention.query_pitch, words: words, output: block, outputPitch: Int(reel_panel_depth))
}

/// Rounds the weights of keys to bfloat16, in their place: a row's first half then holds them.
private func roundWeights(_ weights: UnsafeMutablePointer<Float>, rows: Int, keys: Int) {
  for row in 0..<rows {
    let source = weights + row * blockKeys
    let target = UnsafeMutableRawPointer(source).assumingMemoryBound(to: UInt16.self)
    // Whole vectors: what lies beyond the last key weighs nothing.
    var index = 0
    while index < keys {
      reel_store_halves(reel_round_bfloat16(load(source + index)), target + index)
      index += 16
    }
  }
}

/// Turns a row of scores into e^(score − greatest so far), and adds them to `total`.
///
/// Returns what the sums so far are to be multiplied by, because the greatest score has grown.
@inline(always)
private func weigh(
  _ scores: UnsafeMutablePointer<Float>, _ attention: ReelAttention, query: Int, firstKey: Int, keys: Int,
  greatestScore: UnsafeMutablePointer<Float>, total: UnsafeMutablePointer<Float>
) -> Float {
  let bias = attention.bias.map { $0 + query * attention.key_count + firstKey }
  let keyBias = attention.key_bias.map { $0 + firstKey }
  let scale = Vector(repeating: attention.scale)
  var peak = Vector(repeating: -.infinity)
  forEachVector(keys) { index, lanes in
    var score = load(scores + index) * scale
    if let bias { score += load(bias + index, first: lanes) }
    if let keyBias { score += load(keyBias + index, first: lanes) }
    // The places of a vector that are no keys weigh nothing.
    for lane in lanes..<16 { score[lane] = -.infinity }
    place(score, scores + index)
    peak = greater(score, peak)
  }
  let before = greatestScore.pointee
  let now = max(before, reel_greatest(peak))
  // Where all keys so far are hidden, any finite number does.
  let origin = Vector(repeating: now == -.infinity ? 0 : now)
  var weights = Vector(repeating: 0)
  forEachVector(keys) { index, _ in
    let weight = exponential(load(scores + index) - origin)
    place(weight, scores + index)
    weights += weight
  }
  let factor = before == now ? 1 : exponential(Vector(repeating: before - now))[0]
  greatestScore.pointee = now
  total.pointee = total.pointee * factor + reel_sum(weights)
  return factor
}

/// Multiplies a row of whole vectors.
@inline(always)
private func multiplyRow(_ row: UnsafeMutablePointer<Float>, _ count: Int, _ factor: Float) {
  var index = 0
  while index < count {
    place(load(row + index) * Vector(repeating: factor), row + index)
    index += 16
  }
}
