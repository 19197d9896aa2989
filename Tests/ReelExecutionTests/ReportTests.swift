// What a run says to people: plain lines, the terminal's live ones, and durations.

import ReelExecution
import ReelPlanning
import Testing

/// Collects what a report writes; complaints are led by "! ".
private final class Recorder {
  var text = ""
  var output: ReportOutput {
    ReportOutput(say: { [self] in text += $0 }, complain: { [self] in text += "! " + $0 })
  }
}

@Suite struct ReportTests {
  private static let name = ActionName(node: "footage", variant: "market=jp", span: "2")

  private static func record(
    _ status: ActionRecord.Status, why: String = "new", seconds: Double = 0, message: String? = nil
  ) -> RunEvent {
    .ended(
      ActionRecord(
        name: name, stage: "patch-diffusion", variant: Variant([Variant.Cell(axis: "market", row: "jp")]),
        key: Digest(of: "key"), status: status, seconds: seconds, why: why, message: message))
  }

  private static var summary: RunSummary {
    var summary = RunSummary()
    summary.records = [record(.ran), record(.cached), record(.cached)].compactMap {
      if case .ended(let record) = $0 { record } else { nil }
    }
    summary.outputs = ["a.mp4", "b.mp4"]
    summary.written = ["a.mp4"]
    summary.seconds = 75
    return summary
  }

  @Test("plain lines: what ran, failed, was skipped and written; not what was cached") func plain() {
    let recorder = Recorder()
    var report = PlainReport(recorder.output)
    report.hear(.began(Self.name, why: "new", threads: 1))
    report.hear(.progress(Self.name, done: 1, total: 2, unit: "frames"))
    report.hear(Self.record(.ran, why: "parameter 'steps' changed from 20 to 30", seconds: 12.34))
    report.hear(Self.record(.cached, why: "in the store"))
    report.hear(Self.record(.failed, message: "plugin 'patch-diffusion' crashed (SIGABRT)"))
    report.hear(Self.record(.skipped, why: "'prompts' failed"))
    report.hear(.log(Self.name, "loaded"))
    report.hear(.wrote(path: "a.mp4"))
    report.hear(.note("a note"))
    report.hear(.tick(running: 1, waiting: 0))
    report.finish(Self.summary)
    #expect(
      recorder.text == """
        ran footage@market=jp#2 in 12.3 s: parameter 'steps' changed from 20 to 30
        ! footage@market=jp#2: plugin 'patch-diffusion' crashed (SIGABRT)
        skipped footage@market=jp#2: 'prompts' failed
        footage@market=jp#2: loaded
        wrote a.mp4
        ! a note
        done in 1:15: 1 ran, 2 cached, 0 failed, 0 skipped; 2 outputs, 1 written

        """)
  }

  @Test("quiet: only what went wrong") func quiet() {
    let recorder = Recorder()
    var report = QuietReport(recorder.output)
    report.hear(Self.record(.ran))
    report.hear(Self.record(.failed, message: "too dark"))
    report.hear(.wrote(path: "a.mp4"))
    report.finish(Self.summary)
    #expect(recorder.text == "! footage@market=jp#2: too dark\n")
  }

  @Test("live: progress and time left are redrawn in place, lasting lines stay above") func live() {
    let recorder = Recorder()
    var now = 100.0
    var report = LiveReport(recorder.output, hasColours: false, size: { (80, 24) }, clock: { now })
    report.hear(.began(Self.name, why: "new", threads: 1))
    #expect(recorder.text == "footage@market=jp#2  0.00 s\n1 at work, 0 ran, 0 cached\n")
    now += 10
    report.hear(.progress(Self.name, done: 20, total: 100, unit: "frames"))
    now += 10
    recorder.text = ""
    report.hear(.progress(Self.name, done: 40, total: 100, unit: "frames"))
    #expect(
      recorder.text == """
        \u{1b}[2A\r\u{1b}[Jfootage@market=jp#2  [########............]  40/100 frames, 30.0 s left
        1 at work, 0 ran, 0 cached

        """)
    recorder.text = ""
    report.hear(.stopped(Self.name))
    report.hear(Self.record(.ran, seconds: 20))
    #expect(
      recorder.text == """
        \u{1b}[2A\r\u{1b}[Jran footage@market=jp#2 in 20.0 s: new
        0 at work, 1 ran, 0 cached

        """)
    recorder.text = ""
    report.finish(Self.summary)
    #expect(
      recorder.text
        == "\u{1b}[1A\r\u{1b}[Jdone in 1:15: 1 ran, 2 cached, 0 failed, 0 skipped; 2 outputs, 1 written\n")
  }

  @Test("live: no line is wider and no drawing higher than the terminal") func narrow() {
    let recorder = Recorder()
    var report = LiveReport(recorder.output, hasColours: false, size: { (20, 6) }, clock: { 0 })
    for shot in 1...9 {
      report.hear(
        .began(
          ActionName(node: "a-long-name-of-a-node", variant: "", span: "\(shot)"), why: "new", threads: 1))
    }
    let last = recorder.text.split(separator: "\u{1b}[J").last ?? ""
    let lines = last.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.count < 20 })
  }

  @Test("live: on a narrow terminal the bar gives way, then the name; the numbers stay whole")
  func narrowBar() {
    func line(columns: Int) -> String? {
      let recorder = Recorder()
      var report = LiveReport(recorder.output, hasColours: false, size: { (columns, 24) }, clock: { 0 })
      report.hear(.began(ActionName(node: "footage", variant: "", span: "2"), why: "new", threads: 1))
      report.hear(
        .progress(ActionName(node: "footage", variant: "", span: "2"), done: 5, total: 10, unit: "frames"))
      report.hear(.note("now"))
      return recorder.text.split(separator: "\n").dropLast().last.map(String.init)
    }
    #expect(line(columns: 80) == "footage#2  [##########..........]  5/10 frames")
    #expect(line(columns: 40) == "footage#2  [######.......]  5/10 frames")
    #expect(line(columns: 25) == "footage#2  5/10 frames")
    #expect(line(columns: 20) == "foota…  5/10 frames")
  }

  @Test("a node's runs of frames that fail for one reason are told of once, and counted") func repeated() {
    let recorder = Recorder()
    var report = PlainReport(recorder.output)
    for (span, message) in [
      ("0-49", "no font"), ("50-99", "no font"), ("100-149", "no glyph"), ("150-199", "no font"),
    ] {
      report.hear(
        .ended(
          ActionRecord(
            name: ActionName(node: "branded", variant: "", span: span), stage: "ad-overlay",
            variant: Variant(),
            key: nil, status: .failed, seconds: 0, why: "new", message: message)))
    }
    report.finish(Self.summary)
    #expect(
      recorder.text == """
        ! branded#0-49: no font
        ! branded#100-149: no glyph
        ! branded#50-99, branded#150-199: failed for the same reason
        done in 1:15: 1 ran, 2 cached, 0 failed, 0 skipped; 2 outputs, 1 written

        """)
  }

  @Test("other people's words cannot command the terminal") func escapes() {
    let recorder = Recorder()
    var report = PlainReport(recorder.output)
    report.hear(Self.record(.failed, message: "\u{1b}[31mred\u{202e}der"))
    report.hear(.wrote(path: "a\u{7}.mp4"))
    #expect(
      recorder.text == "! footage@market=jp#2: \\u{1b}[31mred\\u{202e}der\nwrote a\\u{7}.mp4\n")
  }

  @Test(
    "durations",
    arguments: [
      (0, "0.00 s"), (0.424, "0.42 s"), (9.994, "9.99 s"), (9.996, "10.0 s"), (12.34, "12.3 s"),
      (59.96, "1:00"),
      (187, "3:07"), (3723, "1:02:03"),
    ] as [(Double, String)])
  func durations(seconds: Double, text: String) { #expect(duration(seconds) == text) }
}
