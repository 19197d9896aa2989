// The report on a terminal: what is at work is redrawn in place, below the lines that stay.

import Glibc
import ReelPlanning
import ReelStage

/// A line for each running action: how far it is and how long it will take; below them the counts.
public struct LiveReport: RunReport {
  private let output: ReportOutput
  private let hasColours: Bool
  /// Columns and rows of the terminal, asked for at every drawing: people resize windows.
  private let terminalSize: () -> (columns: Int, rows: Int)
  /// Seconds.
  private let clock: () -> Double

  private var running: [Line] = []
  private var counts: [ActionRecord.Status: Int] = [:]
  private var written = 0
  private var drawnLines = 0
  private var lastDrawing = -Double.infinity
  private var complaints = Complaints()

  private struct Line {
    let name: ActionName
    let start: Double
    var progress: (done: Int, total: Int, unit: String)?
    /// When progress was first told, and what was done by then: what came before (loading a model) says
    /// nothing of what is left.
    var firstProgress: (time: Double, done: Int)?
  }

  public init(
    _ output: ReportOutput, hasColours: Bool, size: @escaping () -> (columns: Int, rows: Int),
    clock: @escaping () -> Double = steadyClock
  ) {
    self.output = output
    self.hasColours = hasColours
    terminalSize = size
    self.clock = clock
  }

  public mutating func hear(_ event: RunEvent) {
    var isUrgent = true
    switch event {
    case .began(let name, _, _): running.append(Line(name: name, start: clock()))
    case .progress(let name, let done, let total, let unit):
      note(name, done, total, unit)
      isUrgent = false
    case .stopped(let name):
      running.removeAll { $0.name == name }
      isUrgent = false
    case .ended(let record):
      counts[record.status, default: 0] += 1
      isUrgent = record.status != .cached
    case .wrote: written += 1
    case .log, .notWritten, .note: break
    case .tick: isUrgent = false
    }
    let complaint = complaints.line(for: event)
    let isLasting = event.line != nil || complaint != nil
    guard isLasting || isUrgent || clock() - lastDrawing >= 0.1 else { return }
    erase()
    if let line = complaint { output.complain(painted(line, "31") + "\n") }
    if let line = event.line { output.say(line + "\n") }
    draw()
  }

  public mutating func finish(_ summary: RunSummary) {
    erase()
    for line in complaints.repeats { output.complain(painted(line, "31") + "\n") }
    output.say(painted(summary.line, summary.exitCode == .done ? "32" : "31") + "\n")
  }

  private mutating func note(_ name: ActionName, _ done: Int, _ total: Int, _ unit: String) {
    guard let index = running.firstIndex(where: { $0.name == name }) else { return }
    running[index].progress = (done, total, unit)
    if running[index].firstProgress == nil { running[index].firstProgress = (clock(), done) }
  }

  /// Takes the redrawn lines away.
  private mutating func erase() {
    if drawnLines > 0 { output.say("\u{1b}[\(drawnLines)A\r\u{1b}[J") }
    drawnLines = 0
  }

  private mutating func draw() {
    let (columns, rows) = terminalSize()
    // A drawing higher than the terminal could not be taken away again.
    var lines = running.prefix(max(1, rows - 3)).map { text(of: $0, columns: columns - 1) }
    if running.isEmpty, counts.isEmpty { return }
    lines.append(
      "\(running.count) at work, \(counts[.ran] ?? 0) ran, \(counts[.cached] ?? 0) cached"
        + ((counts[.failed] ?? 0) > 0 ? ", \(counts[.failed] ?? 0) failed" : "")
        + (written > 0 ? ", \(written) written" : ""))
    output.say(lines.map { painted(String($0.prefix(max(1, columns - 1))), "2") + "\n" }.joined())
    drawnLines = lines.count
    lastDrawing = clock()
  }

  /// `footage#2  [#####.....]  37/81 frames, 0:42 left`. Where that is wider than the terminal the bar is
  /// shortened, then left out, then the name cut: the numbers stay whole.
  private func text(of line: Line, columns: Int) -> String {
    let name = escaped("\(line.name)", keepsLines: false)
    func cut(_ name: String, before numbers: String) -> String {
      let room = max(1, columns - numbers.count - 2)
      return (name.count <= room ? name : name.prefix(room - 1) + "…") + "  " + numbers
    }
    guard let (done, total, unit) = line.progress, total > 0 else {
      return cut(name, before: duration(clock() - line.start))
    }
    let numbers = "\(done)/\(total) \(unit)" + timeLeft(line, done, total)
    let length = min(20, columns - name.count - numbers.count - 6)
    guard length >= 3 else { return cut(name, before: numbers) }
    let filled = Int(min(1, max(0, Double(done) / Double(total))) * Double(length))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: length - filled)
    return "\(name)  [\(bar)]  \(numbers)"
  }

  private func timeLeft(_ line: Line, _ done: Int, _ total: Int) -> String {
    guard let first = line.firstProgress, done > first.done, done < total else { return "" }
    let each = (clock() - first.time) / Double(done - first.done)
    return ", \(duration(each * Double(total - done))) left"
  }

  private func painted(_ text: String, _ code: String) -> String {
    hasColours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}

/// What the terminal can do.
public struct Terminal {
  /// Whether standard output is a terminal whose cursor can be moved.
  public static var canRedraw: Bool {
    let kind = getenv("TERM").map { String(cString: $0) } ?? ""
    return isatty(STDOUT_FILENO) == 1 && !kind.isEmpty && kind != "dumb"
  }

  /// Whether colours are wanted: see no-color.org.
  public static var hasColours: Bool {
    canRedraw && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
  }

  /// Columns and rows; those of a small terminal where it does not say.
  public static var size: (columns: Int, rows: Int) {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(window.ws_col), Int(window.ws_row))
  }
}
