// How long ago something was, as people write it.

/// A span of time: `30d`, `12h`, `90m`.
public enum Age {
  /// What ``seconds(_:)`` wants, for messages.
  public static let wanted = "an age such as 30d, 12h or 90m"

  /// The seconds of a whole number of days, hours, minutes or seconds, at most a hundred years; `nil` for
  /// anything else.
  public static func seconds(_ text: String) -> Int? {
    let units = ["d": 86_400, "h": 3600, "m": 60, "s": 1]
    guard let unit = text.last.flatMap({ units[String($0)] }), let count = Int(text.dropLast()), count >= 0,
      count <= 3_155_760_000 / unit
    else { return nil }
    return count * unit
  }
}
