// A user's crontab: one marked block of ours, and every other byte as it was.

/// The text of a crontab, divided at the marks of our block.
public struct Crontab: Sendable {
  /// The bytes before our block and after it, never changed.
  private let before: [UInt8]
  private let after: [UInt8]
  private var block: [Line] = []

  /// A line of the block.
  private enum Line: Sendable {
    case campaign(ScheduledCampaign)
    /// One that somebody else wrote there: kept.
    case other(String)
  }

  private static let firstLine = "# >>> reel schedule >>> (kept by 'reel schedule'; edit outside of it)"
  private static let firstMark = "# >>> reel schedule >>>"
  private static let lastLine = "# <<< reel schedule <<<"

  /// Reads the text that `crontab -l` prints; empty where the user has none.
  public init(_ bytes: [UInt8]) throws(CrontabError) {
    // Lines with their ends, so that joining them gives the same bytes.
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
      lines.append(bytes[start..<end])
      start = end
    }
    let firsts = lines.indices.filter { lines[$0].starts(with: Self.firstMark.utf8) }
    let lasts = lines.indices.filter { lines[$0].starts(with: Self.lastLine.utf8) }
    if firsts.isEmpty, lasts.isEmpty {
      before = bytes
      after = []
      return
    }
    guard firsts.count == 1, lasts.count == 1, firsts[0] < lasts[0] else { throw .brokenBlock }
    before = Array(lines[..<firsts[0]].joined())
    after = Array(lines[(lasts[0] + 1)...].joined())
    block = lines[(firsts[0] + 1)..<lasts[0]].map { bytes in
      let line = String(decoding: bytes.last == 0x0a ? bytes.dropLast() : bytes, as: UTF8.self)
      return ScheduledCampaign(line: line).map { .campaign($0) } ?? .other(line)
    }
  }

  /// The campaigns in our block, in order.
  public var campaigns: [ScheduledCampaign] {
    block.compactMap { if case .campaign(let campaign) = $0 { campaign } else { nil } }
  }

  /// Adds `campaign`, or puts it in the place of the one with the same name. One file may be scheduled under
  /// several names: with other variables it is another campaign.
  ///
  /// - Returns: The one that it replaced.
  /// - Throws: ``CrontabError`` if the name is another file's, or no line can hold the command.
  public mutating func add(_ campaign: ScheduledCampaign) throws(CrontabError) -> ScheduledCampaign? {
    _ = try campaign.line()
    for (index, line) in block.enumerated() {
      guard case .campaign(let old) = line, old.name == campaign.name else { continue }
      guard old.file == campaign.file else { throw .nameTaken(campaign.name, by: old.file) }
      block[index] = .campaign(campaign)
      return old
    }
    block.append(.campaign(campaign))
    return nil
  }

  /// Takes off the campaigns that `isMeant` says yes to.
  ///
  /// - Returns: Those taken off.
  public mutating func remove(where isMeant: (ScheduledCampaign) -> Bool) -> [ScheduledCampaign] {
    let removed = campaigns.filter(isMeant)
    block.removeAll { if case .campaign(let campaign) = $0 { removed.contains(campaign) } else { false } }
    return removed
  }

  /// The whole text, with the block only where something stands in it.
  public func bytes() throws(CrontabError) -> [UInt8] {
    guard !block.isEmpty else { return before + after }
    var text = Self.firstLine + "\n"
    for line in block {
      switch line {
      case .campaign(let campaign): text += try campaign.line() + "\n"
      case .other(let line): text += line + "\n"
      }
    }
    text += Self.lastLine + "\n"
    // A last line without an end would swallow our mark.
    let gap: [UInt8] = before.last.map { $0 == 0x0a ? [] : [0x0a] } ?? []
    return before + gap + text.utf8 + after
  }
}

/// What stands in the way of changing a crontab.
public enum CrontabError: Error, Hashable, CustomStringConvertible {
  case brokenBlock
  case nameTaken(String, by: String)
  case newline(file: String)
  case tooLong(file: String, length: Int, limit: Int)

  public var description: String {
    switch self {
    case .brokenBlock:
      "crontab: the marks '# >>> reel schedule >>>' and '# <<< reel schedule <<<' are not one pair in this order; "
        + "mend them with 'crontab -e'"
    case .nameTaken(let name, let file):
      "schedule '\(name)' is of another campaign, \(file); give this one a name of its own with --name"
    case .newline(let file): "\(file): no crontab line can hold a path or option with a line break in it"
    case .tooLong(let file, let length, let limit):
      "\(file): the crontab command has \(length) bytes, cron takes \(limit) at most; give fewer options or move "
        + "the campaign to a shorter path"
    }
  }
}
