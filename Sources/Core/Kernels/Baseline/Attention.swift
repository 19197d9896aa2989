// Attention of one head in blocks: scores of some queries and some keys at a time, softmax on the way (Milakov,
// Gimelshein: Online normalizer calculation for softmax, 2018), so that the matrix of scores is never there.
import CKernels

/// Keys that are scored at a time. As many as a panel is deep, so that their weights are rows for the next product.
private let blockKeys = Int(reel_panel_depth)
/// Queries at a time: whole tiles of 14 rows, and nearly whole ones of 6 and 3.
let blockQueries = 56

@inline(always)
private func panelled(_ count: Int) -> Int { (count + 15) / 16 * 16 }

/// Keys are the columns of the product that gives the scores: panels of [width][keys].
func attentionKeySize(count: Int, width: Int) -> Int { panelled(count) * width }

/// Values are its right operand: per block of keys, panels of [keys][width].
func attentionValueSize(count: Int, width: Int) -> Int { count * panelled(width) }

func attentionScratch(width: Int, valueWidth: Int) -> Int {
  let chunks = (width + Int(reel_panel_depth) - 1) / Int(reel_panel_depth)
  return blockQueries * (chunks * Int(reel_panel_depth) + blockKeys + panelled(valueWidth) + 2)
}

func packKeys(
  _ keys: UnsafePointer<Float>, pitch: Int, count: Int, width: Int, packed: UnsafeMutablePointer<Float>
) {
  packPanels(
    size: 4, weight: keys, columns: count, depth: width, pitch: pitch, step: 1, panels: packed)
}

func packValues(
  _ values: UnsafePointer<Float>, pitch: Int, count: Int, width: Int, packed: UnsafeMutablePointer<Float>
) {
  var first = 0
  while first < count {
    let block = min(blockKeys, count - first)
    packPanels(
      size: 4, weight: values + first * pitch, columns: width, depth: block, pitch: 1, step: pitch,
      panels: packed + first * panelled(width))
    first += block
  }
}

func attend(
  _ attention: ReelAttention, first: Int, rows: Int, scratch: UnsafeMutablePointer<Float>
) {
  let depth = Int(reel_panel_depth)
  let chunks = (attention.width + depth - 1) / depth
  let queries = scratch
  let scores = queries + chunks * blockQueries * depth
  let sums = scores + blockQueries * blockKeys
  let valueWidth = panelled(attention.value_width)
  let greatestScores = sums + blockQueries * valueWidth
  let totals = greatestScores + blockQueries
  for chunk in 0..<chunks {
    let start = chunk * depth
    copyRows(
      attention.query + first * attention.query_pitch + start, rows: rows,
      depth: min(depth, attention.width - start), pitch: attention.query_pitch,
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
        rows: rows, columns: panelled(keys), depth: min(depth, attention.width - chunk * depth),
        block: queries + chunk * blockQueries * depth, type: reel_panel_float32, panels: attention.keys,
        panelDepth: attention.width, firstColumn: key, firstDepth: chunk * depth, accumulates: chunk > 0,
        products: scores, pitch: blockKeys, scratch: scores)
    }
    for row in 0..<rows {
      let factor = weigh(
        scores + row * blockKeys, attention, query: first + row, firstKey: key, keys: keys,
        greatestScore: greatestScores + row, total: totals + row)
      if factor != 1 { multiplyRow(sums + row * valueWidth, valueWidth, factor) }
    }
    multiply(
      rows: rows, columns: valueWidth, depth: keys, block: scores, type: reel_panel_float32,
      panels: attention.values + key * valueWidth, panelDepth: keys, firstColumn: 0, firstDepth: 0,
      accumulates: true, products: sums, pitch: valueWidth, scratch: scores)
    key += keys
  }
  for row in 0..<rows {
    multiplyRow(sums + row * valueWidth, valueWidth, 1 / totals[row])
    copy(
      sums + row * valueWidth, attention.value_width,
      attention.output + (first + row) * attention.output_pitch)
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
