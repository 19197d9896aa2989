// The times of a crontab line: what they allow, when they come next, and how wrong ones are refused.

import ReelPlanning
import Testing

@Suite struct CronExpressionTests {
  /// A Friday.
  private let now = CivilTime(year: 2026, month: 5, day: 1, hour: 12, minute: 30)

  @Test(
    "comes next when crontab(5) says",
    arguments: [
      ("0 2 * * *", "2026-05-02 02:00"), ("31 12 * * *", "2026-05-01 12:31"),
      ("30 12 * * *", "2026-05-02 12:30"),
      ("*/15 * * * *", "2026-05-01 12:45"), ("5-59/20 13 * * *", "2026-05-01 13:05"),
      ("0 9-17/4 * * *", "2026-05-01 13:00"), ("0 0 1,15 * *", "2026-05-15 00:00"),
      ("0 0 * * mon-fri", "2026-05-04 00:00"), ("0 0 * * 0", "2026-05-03 00:00"),
      ("0 0 * * 7", "2026-05-03 00:00"), ("0 0 * * SAT,sun", "2026-05-02 00:00"),
      ("0 0 29 feb *", "2028-02-29 00:00"), ("59 23 31 12 *", "2026-12-31 23:59"),
      // Both day fields name days: either will do. A field that begins with '*' is no such field.
      ("0 0 13 * fri", "2026-05-08 00:00"), ("0 0 */31 * fri", "2027-01-01 00:00"),
      ("@daily", "2026-05-02 00:00"), ("@hourly", "2026-05-01 13:00"), ("@weekly", "2026-05-03 00:00"),
      ("@monthly", "2026-06-01 00:00"), ("@yearly", "2027-01-01 00:00"),
    ])
  func next(text: String, expected: String) throws {
    #expect(try CronExpression(text).next(after: now)?.description == expected)
  }

  @Test("at start-up there is no next time") func startUp() throws {
    #expect(try CronExpression("@reboot").next(after: now) == nil)
  }

  @Test("is written with single spaces") func text() throws {
    #expect(try CronExpression("  0\t2  * * * ").description == "0 2 * * *")
  }

  @Test(
    "is refused with the field, the text and the cure",
    arguments: [
      (
        "0 2 * *",
        "wanted five fields (minute, hour, day of month, month, day of week), found 4; '0 2 * * *' is every "
          + "night at two"
      ),
      ("0 25 * * *", "hour '25': wanted a number from 0 to 23, found '25'"),
      ("0,60 2 * * *", "minute '0,60': wanted a number from 0 to 59, found '60'"),
      ("-1 2 * * *", "minute '-1': wanted a number from 0 to 59, found '-1'"),
      ("0 2 0 * *", "day of month '0': wanted a number from 1 to 31, found '0'"),
      (
        "0 2 * juno *",
        "month 'juno': wanted a number from 1 to 12 or a name from 'jan' to 'dec', found 'juno'"
      ),
      ("0 2 * * 8", "day of week '8': wanted a number from 0 to 7 or a name from 'sun' to 'sat', found '8'"),
      ("1, 2 * * *", "minute '1,': wanted a number from 0 to 59, found ''"),
      ("0 22-3 * * *", "hour '22-3': a range goes up; write it as two, joined by a comma"),
      ("*/0 * * * *", "minute '*/0': wanted a step from 1 to 59 after '/', found '0'"),
      ("*/ * * * *", "minute '*/': wanted a step from 1 to 59 after '/', found ''"),
      (
        "*/99999999999999999999 * * * *",
        "minute '*/99999999999999999999': wanted a step from 1 to 59 after '/', found '99999999999999999999'"
      ),
      ("5/10 * * * *", "minute '5/10': a step wants '*' or a range before it; did you mean '5-59/10'?"),
      (
        "@nightly",
        "unknown time '@nightly'; wanted five fields or one of @annually, @daily, @hourly, @midnight, @monthly, "
          + "@reboot, @weekly, @yearly"
      ),
      ("0 0 30 2 *", "'0 0 30 2 *' never comes: no such day is in those months"),
      ("0 2 * * *\n* * * * *", "wanted one line, found several"),
    ])
  func refused(text: String, message: String) {
    let error = #expect(throws: CronExpressionError.self) { try CronExpression(text) }
    #expect(error?.description == message)
  }
}
