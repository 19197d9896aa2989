// What a report says of the actions that a build did not look at.

import ReelPlanning

extension Snapshot {
  /// Adds everything that a build of a part left as it was.
  ///
  /// - Parameters:
  ///   - part: what the summary tells of already.
  ///   - listsAll: whether every action and output is listed; else they are only counted.
  /// - Returns: false where the snapshot is damaged.
  func add(to summary: inout RunSummary, but part: ChangedPart?, listsAll: Bool) -> Bool {
    guard listsAll else {
      summary.untouched.actions = patch.actionCount - (part?.actionCount ?? 0)
      summary.untouched.outputs = header.outputCount - (part?.outputPlaces.count ?? 0)
      return true
    }
    guard let records = try? records(but: part), let paths = try? outputPaths() else { return false }
    summary.records = records + summary.records
    let touched = Set(part?.outputPlaces ?? [])
    let right = Set(summary.outputs)
    summary.outputs = paths.indices.filter { !touched.contains($0) || right.contains(paths[$0]) }.map {
      paths[$0]
    }
    return true
  }

  /// The keys of the actions that a build of a part left as they were; `nil` where the snapshot is damaged.
  func latestKeys(but part: ChangedPart) -> [(name: ActionName, key: Digest)]? {
    guard let records = try? records(but: part) else { return nil }
    return records.compactMap { record in record.key.map { (record.name, $0) } }
  }

  private func records(but part: ChangedPart?) throws(UnreadableBytes) -> [ActionRecord] {
    guard let stages = graphHead()?.stages else { throw UnreadableBytes() }
    let touched = Set((part?.selection.nodes ?? []).map { part?.places[$0] })
    var records: [ActionRecord] = []
    try readDetails(of: 0..<header.nodeCount) { node, details in
      guard !touched.contains(node), stages.indices.contains(details.stage) else { return }
      let stage = stages[details.stage].name
      let variant = details.variant.description
      for result in details.results {
        records.append(
          ActionRecord(
            name: ActionName(node: details.id, variant: variant, span: result.label), stage: stage,
            variant: details.variant, key: result.key, status: .cached, seconds: 0, why: "in the store",
            message: nil))
      }
    }
    return records
  }
}
