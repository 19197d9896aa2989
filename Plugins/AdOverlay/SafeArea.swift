// The parts of a frame that an app or a television covers, by destination: data with its sources.

/// A destination's safe area. Destinations change: each entry says where its numbers are from, and when they
/// were looked up.
struct SafeArea: Hashable, Sendable {
  let name: String
  let insets: Insets
  /// Whether the app mirrors its buttons for people who read from right to left.
  let isMirrored: Bool
  let source: String
  let checked: String

  static let all = [
    SafeArea(
      name: "none", insets: Insets(top: 0, bottom: 0, left: 0, right: 0), isMirrored: false,
      source: "the whole frame", checked: "2026-11"),
    SafeArea(
      name: "tv", insets: Insets(top: 0.05, bottom: 0.05, left: 0.05, right: 0.05), isMirrored: false,
      source: "EBU R 95, graphics-safe area: 5% of each side", checked: "2026-11"),
    SafeArea(
      name: "reels", insets: Insets(top: 0.14, bottom: 0.35, left: 0.06, right: 0.06), isMirrored: false,
      source: "Meta Business Help, safe zones for Reels ads: 14% top, 35% bottom, 6% sides",
      checked: "2026-11"),
    SafeArea(
      name: "stories", insets: Insets(top: 0.14, bottom: 0.20, left: 0, right: 0), isMirrored: false,
      source: "Meta Business Help, safe zones for Stories ads: 14% top, 20% bottom", checked: "2026-11"),
    SafeArea(
      name: "shorts", insets: Insets(top: 0.15, bottom: 0.35, left: 48 / 1080, right: 192 / 1080),
      isMirrored: false,
      source:
        "Google Ads Help, vertical video: 288, 672, 48 and 192 of 1080x1920 pixels (as cited by Shotstack)",
      checked: "2026-11"),
    // TikTok publishes pictures instead of numbers, for each length of caption; a separate set is mirrored
    // for Arabic. These are what guides measure on them, rounded up.
    SafeArea(
      name: "tiktok", insets: Insets(top: 0.08, bottom: 0.23, left: 0.06, right: 0.14), isMirrored: true,
      source: "TikTok Auction In-Feed Ads, safe zone files, as measured by AdFuse: 150, 440 and 150 pixels",
      checked: "2026-11"),
  ]

  /// The entry of that name, mirrored where the app is.
  static func insets(_ name: String, direction: Direction) -> Insets {
    guard let area = all.first(where: { $0.name == name }) else {
      preconditionFailure("the declaration lists the safe areas")
    }
    return area.isMirrored && direction == .rightToLeft ? area.insets.mirrored : area.insets
  }
}
