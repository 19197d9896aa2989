// Cutting a node's work into actions: by shot, by span, or not at all.

import ReelStage

extension Graph {
  /// What the node reads at each port, given the parts of every source.
  ///
  /// Where several sources are joined, a shot's name is led by the number of its source: `2.1`.
  public func inputs(of node: GraphNode, parts: (GraphSource) -> [Part]) -> [String: [Part]] {
    node.inputs.mapValues { sources in
      guard sources.count > 1 else { return sources.flatMap(parts) }
      return sources.enumerated().flatMap { index, source in
        parts(source).map { part in
          let position = "\(index + 1)"
          let shot = part.shot.map { "\(position).\($0)" } ?? position
          return Part(shot: shot, digest: part.digest, length: part.length)
        }
      }
    }
  }

  /// The actions of a node whose inputs are known, in the order of the film.
  ///
  /// A stage that is not cut has one, which reads every part. One that is cut by shot has one a shot: it
  /// reads, at every port, the part with that shot's name; an input whose parts have no names is read by each.
  /// One that is cut by span has one a span (``Cut/spans(of:seconds:)``).
  ///
  /// - Throws: where the inputs do not fit each other or the parameters.
  public func actions(for node: GraphNode, inputs: [String: [Part]]) throws(CuttingProblem) -> [Action] {
    guard case .success(let manifest) = node.manifest else {
      return [Action(node: node.index, piece: .whole, inputs: inputs)]
    }
    return switch manifest.cut {
    case .whole: [Action(node: node.index, piece: .whole, inputs: inputs)]
    case .shot: try shots(of: node, manifest, inputs)
    case .span(let seconds, let halo, _):
      try spans(of: node, manifest, inputs, seconds: seconds, halo: halo)
    }
  }

  /// The actions of a node that is repeated for each shot of a list, each with the node as it is for its shot. It is
  /// cut by shot whatever its stage is; a stage that is cut by span takes each shot for a film of its own.
  public func actions(
    for node: GraphNode, inputs: [String: [Part]], repeatedAs shots: [(name: String, node: GraphNode)]
  ) throws(CuttingProblem) -> [(node: GraphNode, action: Action)] {
    guard case .success(let manifest) = node.manifest else { return [] }
    let actions = try self.shots(of: node, manifest, inputs, wanted: shots.map(\.name))
    var pairs: [(node: GraphNode, action: Action)] = []
    for (shot, action) in zip(shots, actions) {
      pairs.append((shot.node, try asFilm(action, of: shot.node, manifest)))
    }
    return pairs
  }

  /// The action that makes a node's result of what its spans made; `nil` for a stage whose spans are the result.
  ///
  /// - Parameter parts: by output port, what the spans made, in the order of the film.
  public func join(of node: GraphNode, parts: [String: [Part]]) -> Action? {
    node.isJoined ? Action(node: node.index, piece: .join, inputs: parts) : nil
  }

  // MARK: By shot

  private func shots(
    of node: GraphNode, _ manifest: Manifest, _ inputs: [String: [Part]], wanted: [String]? = nil
  ) throws(CuttingProblem) -> [Action] {
    var first: (port: String, shots: [String])?
    var byShot: [String: [String: Part]] = [:]
    for port in manifest.inputs {
      guard let parts = inputs[port.name], !Self.isShared(parts, port) else { continue }
      let shots = parts.compactMap(\.shot)
      guard shots.count == parts.count else {
        throw .unnamedParts(port: port.name, count: parts.count - shots.count)
      }
      let named = Dictionary(parts.map { ($0.shot!, $0) }, uniquingKeysWith: { first, _ in first })
      if named.count < parts.count {
        let repeated = shots.indices.first { shots[..<$0].contains(shots[$0]) }!
        throw .repeatedShot(port: port.name, shot: shots[repeated])
      }
      if let wanted, Set(wanted) != Set(shots) {
        throw .otherShotsThanForeach(port: port.name, shots: shots, foreach: wanted)
      }
      if let first, Set(first.shots) != Set(shots) {
        throw .otherShots(port: port.name, shots: shots, otherPort: first.port, otherShots: first.shots)
      }
      if first == nil { first = (port.name, shots) }
      byShot[port.name] = named
    }
    guard let shots = wanted ?? first?.shots else {
      return [Action(node: node.index, piece: .whole, inputs: inputs)]
    }
    return shots.map { shot in
      let parts = inputs.reduce(into: [:]) { parts, input in
        parts[input.key] = byShot[input.key].map { [$0[shot]!] } ?? input.value
      }
      return Action(node: node.index, piece: .shot(shot), inputs: parts)
    }
  }

  /// Whether every shot reads these parts: a single one, or the spans of a film, which are no shots.
  private static func isShared(_ parts: [Part], _ port: Port) -> Bool {
    parts.allSatisfy { $0.shot == nil } && (parts.count == 1 || port.type == .frames && !parts.isEmpty)
  }

  // MARK: By span

  /// The parts of an input of frames, and the number of the first frame of each.
  private struct Timeline {
    let port: String
    let parts: [Part]
    let starts: [Int]
    let length: FilmLength

    init(port: String, parts: [Part]) throws(CuttingProblem) {
      var starts: [Int] = []
      var length: FilmLength?
      for part in parts {
        guard let own = part.length else { throw .noFrameSequence(port: port) }
        if let length, length.rate != own.rate {
          throw .mixedRates(port: port, rate: length.rate, otherRate: own.rate)
        }
        starts.append(length?.frames ?? 0)
        length = FilmLength(frames: (length?.frames ?? 0) + own.frames, rate: own.rate)
      }
      guard let length else { throw .noFrameSequence(port: port) }
      (self.port, self.parts, self.starts, self.length) = (port, parts, starts, length)
    }

    /// The places of the parts that hold these frames, in a film that has one part at least.
    func places(of frames: Range<Int>) -> Range<Int> {
      let first = starts.lastIndex { $0 <= frames.lowerBound }!
      let last = starts.lastIndex { $0 < frames.upperBound } ?? first
      return first..<max(first, last) + 1
    }
  }

  /// The runs of frames that a node reads, one an input of frames that it has; equally long.
  private func timelines(
    _ manifest: Manifest, _ inputs: [String: [Part]]
  ) throws(CuttingProblem) -> [Timeline] {
    var timelines: [Timeline] = []
    for port in manifest.inputs where port.type == .frames {
      guard let parts = inputs[port.name] else { continue }
      let timeline = try Timeline(port: port.name, parts: parts)
      if let first = timelines.first, first.length.frames != timeline.length.frames {
        throw .otherLength(
          port: port.name, frames: timeline.length.frames, otherPort: first.port,
          otherFrames: first.length.frames)
      }
      timelines.append(timeline)
    }
    if timelines.isEmpty {
      throw .noFrameSequence(port: manifest.inputs.first { $0.type == .frames }?.name ?? manifest.name)
    }
    return timelines
  }

  private func spans(
    of node: GraphNode, _ manifest: Manifest, _ inputs: [String: [Part]], seconds: Double, halo: Int
  ) throws(CuttingProblem) -> [Action] {
    let timelines = try timelines(manifest, inputs)
    let film = timelines[0].length
    let isTimed = manifest.parameters.contains { $0.timing != nil }
    var actions: [Action] = []
    for frames in Cut.spans(of: film, seconds: seconds) {
      let read = max(0, frames.lowerBound - halo)..<min(film.frames, frames.upperBound + halo)
      var parts = inputs
      var starts: [String: Int] = [:]
      for timeline in timelines {
        let places = timeline.places(of: read)
        parts[timeline.port] = Array(timeline.parts[places])
        starts[timeline.port] = timeline.starts[places.lowerBound]
      }
      // Another stage is not told where in the film it is, so the same frames give the same anywhere.
      let shift = isTimed ? 0 : starts.values.min()!
      let told = Span(
        frames: frames.lowerBound - shift..<frames.upperBound - shift, starts: starts.mapValues { $0 - shift }
      )
      let work = try work(told, of: node, manifest, on: frames, of: film)
      actions.append(Action(node: node.index, piece: .span(frames, work), inputs: parts))
    }
    return actions
  }

  /// A shot's action, with the shot as a film of its own where the stage is cut by span.
  private func asFilm(
    _ action: Action, of node: GraphNode, _ manifest: Manifest
  ) throws(CuttingProblem) -> Action {
    guard case .span = manifest.cut, let shot = action.piece.shot else { return action }
    let timelines = try timelines(manifest, action.inputs)
    let (film, frames) = (timelines[0].length, 0..<timelines[0].length.frames)
    let told = Span(
      frames: frames, starts: Dictionary(uniqueKeysWithValues: timelines.map { ($0.port, 0) }))
    let work = try work(told, of: node, manifest, on: frames, of: film)
    return Action(node: node.index, piece: .shot(shot, work), inputs: action.inputs)
  }

  private func work(
    _ told: Span, of node: GraphNode, _ manifest: Manifest, on frames: Range<Int>, of film: FilmLength
  ) throws(CuttingProblem) -> SpanWork {
    do throws(StageError) {
      return SpanWork(
        told,
        parameters: try SpanParameters(node.parameters, of: manifest.parameters, on: frames, of: film))
    } catch {
      throw .parameter(error)
    }
  }
}
