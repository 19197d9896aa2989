// The schedule by the clock on the wall, in the machine's time zone.

import Glibc
import ReelPlanning

extension CivilTime {
  /// The minute that it is now.
  static var now: CivilTime {
    var moment = time(nil)
    var parts = tm()
    localtime_r(&moment, &parts)
    return CivilTime(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min))
  }
}

/// A moment as the log writes it, in seconds since 1970, or now: "2026-05-02 02:00:00 +0200".
public func localTimestamp(of seconds: Int? = nil) -> String {
  var moment = seconds ?? time(nil)
  var parts = tm()
  localtime_r(&moment, &parts)
  var text = [CChar](repeating: 0, count: 64)
  let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S %z", &parts)
  return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
}

extension Schedule {
  /// When cron runs a campaign next, in local time: "2026-05-02 02:00", or "when the machine starts".
  public func nextRun(of campaign: ScheduledCampaign) -> String {
    campaign.times.next(after: .now)?.description ?? "when the machine starts"
  }
}
