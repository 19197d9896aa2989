// How the time modulates tokens, of which some may stand at another time than the others.

import ReelTensor

/// The times of all tokens, as runs of equal ones: in every published model tokens of one latent frame have one
/// time, so there are as many rows of modulation as there are runs, not as there are tokens.
struct TimeRuns {
  private let runs: [(tokens: Range<Int>, time: Float)]

  /// - Parameter times: one for all tokens, or one for each.
  init(_ times: [Float], tokens: Int) {
    precondition(times.count == 1 || times.count == tokens, "\(times.count) times for \(tokens) tokens")
    guard times.count == tokens else {
      runs = [(0..<tokens, times[0])]
      return
    }
    var runs: [(tokens: Range<Int>, time: Float)] = []
    for (token, time) in times.enumerated() {
      if let last = runs.last, last.time == time {
        runs[runs.count - 1].tokens = last.tokens.lowerBound..<token + 1
      } else {
        runs.append((token..<token + 1, time))
      }
    }
    self.runs = runs
  }

  var tokens: [Range<Int>] { runs.map(\.tokens) }

  /// `body` of every run's time; it is called once for times that come back.
  func map<Value>(_ body: (Float) -> Value) -> [Value] {
    var known: [Float: Value] = [:]
    return runs.map { run in
      if let value = known[run.time] { return value }
      let value = body(run.time)
      known[run.time] = value
      return value
    }
  }
}

/// Rows of scales, shifts and gates, `[rows, d]`, for every run of tokens.
struct TimeModulation {
  private let runs: [(tokens: Range<Int>, rows: Tensor)]

  init(_ runs: TimeRuns, rows: [Tensor]) { self.runs = Array(zip(runs.tokens, rows)) }

  private init(runs: [(tokens: Range<Int>, rows: Tensor)]) { self.runs = runs }

  /// A block's own rows, `[rows, d]`, added to those of the time.
  static func + (modulation: TimeModulation, table: Tensor) -> TimeModulation {
    TimeModulation(runs: modulation.runs.map { ($0.tokens, table + $0.rows) })
  }

  /// norm(x)·(1 + scale) + shift: `[N, d]` → `[N, d]`.
  func norm(_ x: Tensor, scale: Int, shift: Int, epsilon: Float) -> Tensor {
    pieces(of: x) { part, rows in part.layerNorm(scale: rows[scale], shift: rows[shift], epsilon: epsilon) }
  }

  /// x + gate·layer(y): `[N, d]`, `[N, k]` → `[N, d]`.
  func sum(_ x: Tensor, _ layer: Linear, of y: Tensor, gate: Int) -> Tensor {
    if runs.count == 1 { return layer(y, addedTo: x, gate: runs[0].rows[gate]) }
    return Tensor.concatenated(
      runs.map { run in
        layer(y.sliced(run.tokens), addedTo: x.sliced(run.tokens), gate: run.rows[gate])
      })
  }

  private func pieces(of x: Tensor, _ body: (Tensor, Tensor) -> Tensor) -> Tensor {
    if runs.count == 1 { return body(x, runs[0].rows) }
    return Tensor.concatenated(runs.map { body(x.sliced($0.tokens), $0.rows) })
  }
}
