// Targets, and what narrows them: the same for build, plan, show and graph.

import Testing

@Suite struct TargetTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("markets.json", #"[{"id": "uk", "text": "hello"}, {"id": "ae", "text": "مرحبا"}]"#)
    try workspace.write(
      "campaign.yaml",
      fastCampaign(text: "\"${matrix.market.text}\"", shots: ["a"]).replacing(
        "stages:",
        with: """
          vars: {draft: false}
          matrix: {market: {from: markets.json, columns: {text: {type: text, required: true}}}, size: [s, l]}
          stages:
            still: {stage: shot-join, in: {frames: work}, with: {title: still}, when: {vars.draft: true}}
          """
      ).replacing(
        "renders/${name}.txt: film",
        with:
          "renders/${matrix.market}-${matrix.size}.txt: {from: film, when: {not: {matrix.market: ae, matrix.size: l}}}"
      ))
  }

  @Test("outputs by pattern, variants by row, and up to a node") func targets() throws {
    #expect(
      try workspace.buildAndListRun("renders/uk-*.txt") == ["film@market=uk", "shots", "work@market=uk#1"])
    #expect(try names(in: workspace.path + "/renders") == ["uk-l.txt", "uk-s.txt"])
    #expect(
      try workspace.buildAndListRun("--only-variant", "market=ae", "--until", "work") == ["work@market=ae#1"])
    #expect(try workspace.buildAndListRun() == ["film@market=ae"])
    #expect(try names(in: workspace.path + "/renders") == ["ae-s.txt", "uk-l.txt", "uk-s.txt"])
    #expect(
      try workspace.buildAndListRun("still", "-D", "draft=true") == ["still@market=ae", "still@market=uk"])
  }

  @Test("plan, show and graph take the same") func reading() throws {
    #expect(
      try workspace.reel("plan", "--until", "shots").output
        == "would run   shots: new\n1 would run, 0 wait, 0 cached\n")
    let shown = try workspace.reel("show", "--only-variant", "uk,s", "--until", "work").output
    #expect(shown.contains("work@market=uk: shot-work\n") && !shown.contains("ae") && !shown.contains("film"))
    let graph = try workspace.reel("graph", "renders/uk-s.txt").output
    #expect(graph.contains("renders/uk-s.txt") && !graph.contains("uk-l") && !graph.contains("market=ae"))
  }

  @Test(
    "a target that means nothing is told with what there is, and nothing runs",
    arguments: [
      (["renders/ku-*"], "renders/ku-*: no output matches; one that there is: 'renders/uk-s.txt'"),
      (["wokr"], "wokr: no node or output is called 'wokr'; did you mean 'work'?"),
      (["still"], "still: node 'still' is in no variant: its 'when' leaves it out of all"),
      (["--until", "flim"], "--until flim: unknown node 'flim'; did you mean 'film'?"),
      (["--until", "film", "shots"], "--until film: nothing that is to be built needs this node"),
      (
        ["--only-variant", "market=ku"],
        "--only-variant market=ku: no row is called 'market=ku'; did you mean 'market=uk'?"
      ),
    ] as [([String], String)])
  func wrong(words: [String], message: String) throws {
    for command in ["build", "plan", "show", "graph"] {
      let finished = try workspace.start([command] + words).wait()
      #expect(finished.status == 2)
      #expect(finished.errors == message + "\n")
    }
    #expect(!workspace.exists("renders"))
  }

  @Test("a wrong cell of a feed is told with its place, and nothing runs") func feed() throws {
    try workspace.write("markets.json", "[{\"id\": \"uk\"},\n  {\"id\": \"ae\", \"text\": 4]")
    #expect(try workspace.reel("build").errors == "markets.json:2:25: JSON wanted ',' or '}', found ']'\n")
    try workspace.write("markets.json", "[{\"id\": \"uk\"},\n  {\"id\": \"ae\", \"text\": \"\"}]")
    let finished = try workspace.reel("build")
    #expect(finished.status == 2)
    #expect(
      finished.errors == """
        markets.json:1:2: column 'text': wanted text, found nothing
        markets.json:2:24: column 'text': wanted text, found nothing

        """)
  }
}
