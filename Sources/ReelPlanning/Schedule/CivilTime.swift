// A minute on the wall clock, in no particular time zone.

/// A date and a time of day in the Gregorian calendar, to the minute.
public struct CivilTime: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let year: Int
  /// 1 to 12.
  public let month: Int
  /// 1 to the month's last.
  public let day: Int
  /// 0 to 23.
  public let hour: Int
  /// 0 to 59.
  public let minute: Int

  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
  }

  /// "2026-03-29 02:00".
  public var description: String {
    "\(year)-\(twoDigits(month))-\(twoDigits(day)) \(twoDigits(hour)):\(twoDigits(minute))"
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.year, left.month, left.day, left.hour, left.minute)
      < (right.year, right.month, right.day, right.hour, right.minute)
  }

  /// 0 for Sunday to 6 for Saturday.
  ///
  /// Zeller's congruence, with January and February counted as months 13 and 14 of the year before.
  var weekday: Int {
    let month = self.month < 3 ? self.month + 12 : self.month
    let year = self.month < 3 ? self.year - 1 : self.year
    // Zeller's 0 is Saturday.
    let fromSaturday = (day + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400) % 7
    return (fromSaturday + 6) % 7
  }

  var midnight: CivilTime { CivilTime(year: year, month: month, day: day) }

  /// The same time on the next day.
  var nextDay: CivilTime {
    if day < daysInMonth {
      return CivilTime(year: year, month: month, day: day + 1, hour: hour, minute: minute)
    }
    if month < 12 { return CivilTime(year: year, month: month + 1, day: 1, hour: hour, minute: minute) }
    return CivilTime(year: year + 1, month: 1, day: 1, hour: hour, minute: minute)
  }

  var nextMinute: CivilTime {
    if minute < 59 { return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute + 1) }
    if hour < 23 { return CivilTime(year: year, month: month, day: day, hour: hour + 1) }
    return midnight.nextDay
  }

  var daysInMonth: Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
