// What the user is told: every message, word for word, with its place.

import ReelPlanning
import ReelStage
import Testing

@Suite struct MessageTests {
  /// The problems of a pipeline with these stages, without `campaign.yaml:`.
  private func problems(
    stages: String, head: String = "", files: [String: String] = [:], after: String = ""
  ) -> [String] {
    let indented = stages.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    let workspace = Workspace("reel: 1\n\(head)stages:\n\(indented)\n\(after)", files: files)
    return workspace.problems.map { $0.hasPrefix("campaign.yaml:") ? String($0.dropFirst(14)) : $0 }
  }

  @Test func everyErrorOfAFileIsToldAtOnceInItsOrder() {
    let workspace = Workspace(
      """
      reel: 1
      nmae: sparkling
      vars: {brief: a can}
      matrix:
        format: [{id: 16x9, size: 1920x1080}]
      stages:
        prompts: {stage: prompt-expansion, with: {brief: "${vars.breif}"}}
        keyframes:
          stage: keyframe-generation
          in: {prompts: prompts}
          with: {step: 20}
        footage: {stage: patch-difusion, in: {prompts: prompts}}
        master: {stage: upscaling, in: {frames: prompts}, with: {size: "${matrix.fromat.size}", fps: 0}}
        branded: {stage: ad-overlay, in: {film: master}, with: {layers: [{txt: x, at: left}, {text: y}]}}
        marked: {stage: ad-overlay, in: {frames: master}, with: {layers: [{image: away.png, at: no}]}}
        spot: {stage: encoding, in: {frames: brandde}, wiht: {for: youtube}}
      outputs:
        out-${matrix.mraket}.mp4: spto
      """)
    #expect(
      workspace.problems == [
        "campaign.yaml:2:1: unknown key 'nmae'; did you mean 'name'?",
        "campaign.yaml:7:52: unknown variable 'breif'; did you mean 'brief'?",
        "campaign.yaml:11:12: unknown parameter 'step' for stage 'keyframe-generation'; did you mean 'steps'?",
        "campaign.yaml:12:20: unknown stage 'patch-difusion'; did you mean 'patch-diffusion'?",
        "campaign.yaml:13:43: port 'frames' of 'master' wants frames, 'prompts' gives prompts",
        "campaign.yaml:13:66: unknown axis 'fromat'; did you mean 'format'?",
        "campaign.yaml:13:96: parameter 'fps': wanted a frame rate from 1 to 240, such as 25 or 30000/1001, found '0'",
        "campaign.yaml:14:3: node 'branded': input 'frames' is missing, which stage 'ad-overlay' requires",
        "campaign.yaml:14:37: unknown input 'film' for stage 'ad-overlay'; wanted 'frames'",
        "campaign.yaml:14:69: unknown field 'txt' of parameter 'layers[0]' for stage 'ad-overlay'; did you mean 'text'?",
        "campaign.yaml:14:81: parameter 'layers[0].at': wanted one of 'top', 'centre', 'bottom', found 'left'",
        "campaign.yaml:14:88: parameter 'layers[1]': field 'at' is missing, which stage 'ad-overlay' requires",
        "campaign.yaml:15:77: parameter 'layers[0].image': file 'away.png' does not exist",
        "campaign.yaml:15:91: parameter 'layers[0].at': wanted one of 'top', 'centre', 'bottom', found 'no'",
        "campaign.yaml:16:40: unknown node 'brandde'; did you mean 'branded'?",
        "campaign.yaml:16:50: unknown key 'wiht' of node 'spot'; did you mean 'with'?",
        "campaign.yaml:18:7: unknown axis 'mraket'",
        "campaign.yaml:18:29: unknown node 'spto'; did you mean 'spot'?",
      ])
  }

  @Test func valuesOfAnotherType() {
    #expect(
      problems(
        stages: """
          k: {stage: keyframe-generation, in: {prompts: p}, with: {steps: abc}}
          p: {stage: prompt-expansion, with: {brief: [a], shots: 101}}
          q: {stage: prompt-expansion, timeout: soon, retries: -1}
          r: {stage: prompt-expansion, with: {brief: a, seed: "${vars.seed}"}}
          """, head: "vars: {seed: tall}\n") == [
          "4:67: parameter 'steps': wanted a whole number from 1 to 200, found 'abc'",
          "5:46: parameter 'brief': wanted text, found a list",
          "5:58: parameter 'shots': wanted a whole number from 1 to 100, found '101'",
          "6:3: node 'q': parameter 'brief' is missing, which stage 'prompt-expansion' requires",
          "6:41: 'timeout' of node 'q': wanted seconds above 0, found 'soon'",
          "6:56: 'retries' of node 'q': wanted a whole number from 0 to 100, found '-1'",
          "7:55: parameter 'seed': wanted a whole number from 0 to 9223372036854775807, found 'tall' (from campaign.yaml:2:14)",
        ])
  }

  @Test func aMessageIsOneLineWhateverTheUsersWords() {
    #expect(
      problems(stages: "a: {stage: prompt-expansion, with: {brief: \"${a\\nb}\"}}") == [
        "3:46: '${a\\nb}' is no reference; wanted names joined by dots as in '${vars.brief}', or '$${' for the characters '${' themselves"
      ])
  }

  @Test func cycles() {
    #expect(
      problems(
        stages: """
          c: {stage: upscaling, in: {frames: b}, with: {size: 8x8}}
          a: {stage: upscaling, in: {frames: c}, with: {size: 8x8}}
          b: {stage: upscaling, in: {frames: a}, with: {size: 8x8}}
          d: {stage: upscaling, in: {frames: b}, with: {size: 8x8}}
          e: {stage: upscaling, in: {frames: e}, with: {size: 8x8}}
          """) == ["3:3: nodes feed each other: c → a → b → c", "7:3: nodes feed each other: e → e"])
  }

  @Test func references() {
    #expect(
      problems(
        stages: """
          a: {stage: prompt-expansion, with: {brief: "${vars.open"}}
          b: {stage: prompt-expansion, with: {brief: "${vars.a b}"}}
          c: {stage: prompt-expansion, with: {brief: "${varz.brief}"}}
          d: {stage: prompt-expansion, with: {brief: "x ${vars.list} y"}}
          e: {stage: prompt-expansion, with: {brief: "${vars.record.on.x}"}}
          f: {stage: prompt-expansion, with: {brief: "${each.id}"}}
          g: {stage: prompt-expansion, with: {brief: "${env.HOME}"}}
          h: {stage: prompt-expansion, with: {brief: "${env.USR}"}}
          i: {stage: prompt-expansion, with: {brief: "${env.USER}"}}
          j: {stage: prompt-expansion, with: {brief: "${matrix.m.idd} ${vars}"}}
          k: {stage: prompt-expansion, with: {brief: "${vars.x}"}}
          l: {stage: prompt-expansion, in: "${matrix.m}", with: {brief: "${vars.list.2} ${name.x}"}}
          m: {stage: prompt-expansion, with: {brief: "${nam}"}}
          """,
        head: """
          vars: {list: [1, 2], record: {on: text}, x: "${vars.y}", y: "${vars.x}"}
          env: [USER]
          matrix: {m: [{id: one}]}

          """) == [
          "2:45: variables refer to each other: vars.y → vars.x → vars.y",
          "2:61: variables refer to each other: vars.x → vars.y → vars.x",
          "6:46: '${vars.open' has no closing '}'; write '$${' for the characters '${' themselves",
          "7:46: '${vars.a b}' is no reference; wanted names joined by dots as in '${vars.brief}', or '$${' for the characters '${' themselves",
          "8:46: '${varz.brief}' names nothing; wanted vars, matrix, each, env or name; did you mean '${vars.brief}'?",
          "9:46: '${vars.list}' inside a text: wanted text, found a list",
          "10:46: 'vars.record.on' has no fields, so there is no 'x' in it",
          "11:46: '${each}' stands only in a node with 'foreach', and in the path of its output",
          "12:46: environment variable 'HOME' is not declared; add it to 'env' at the top of the pipeline",
          "13:46: environment variable 'USR' is not declared; did you mean 'USER'?",
          "14:46: environment variable 'USER' is not set",
          "15:46: unknown field 'idd' of 'matrix.m'; did you mean 'id'?",
          "15:46: '${vars}' is no single value; wanted a name after it as in '${vars.…}'",
          "17:36: 'in' of node 'l': wanted a mapping, found '${matrix.m}'",
          "17:65: 'vars.list' has no element '2'; wanted a number from 0 to 1",
          "17:65: 'name' has no fields, so there is no 'x' in it",
          "18:46: '${nam}' names nothing; wanted vars, matrix, each, env or name; did you mean '${name}'?",
        ])
  }

  @Test func theTopLevel() {
    #expect(
      Workspace("").problems == [
        "campaign.yaml:1:1: the file is empty; wanted a pipeline, which begins with 'reel: 1'"
      ])
    #expect(Workspace("- a").problems == ["campaign.yaml:1:1: a pipeline: wanted a mapping, found a list"])
    #expect(
      Workspace("name: a/b\nvars: [x]\nenv: {A: b}\nmatrix: 3").problems == [
        "campaign.yaml: the pipeline has no nodes; add some under 'stages'",
        "campaign.yaml:1:1: no 'reel: 1' says which version of the language this is; add it",
        "campaign.yaml:1:7: 'name': wanted a name without slashes, found 'a/b'",
        "campaign.yaml:2:7: 'vars': wanted a mapping, found a list",
        "campaign.yaml:3:6: 'env': wanted text or a list of texts, found a mapping",
        "campaign.yaml:4:9: 'matrix': wanted a mapping, found '3'",
      ])
    #expect(
      problems(stages: "a b: {stage: prompt-expansion}\nc: {with: {}}\nd: 4", head: "frobnicate: 1\n") == [
        "2:1: unknown key 'frobnicate'; wanted one of 'reel', 'name', 'include', 'vars', 'env', 'plugins', 'matrix', 'stages', 'outputs'",
        "4:3: node 'a b': wanted a name of letters, digits, '-' and '_'",
        "5:3: node 'c' has no 'stage', and no included file declares it",
        "6:6: node 'd': wanted a mapping, found '4'",
      ])
    #expect(
      Workspace("reel: 2\nstages: {a: {stage: prompt-expansion, with: {brief: b}}}").problems == [
        "campaign.yaml:1:7: 'reel': wanted 1, found '2'"
      ])
    let missing = Pipeline(file: "campaign.yaml") { _ in .failure(.missing()) }
    #expect(missing.diagnostics.map(\.description) == ["campaign.yaml: does not exist"])
    let folder = Pipeline(file: "x") { _ in .failure(.unreadable("permission denied")) }
    #expect(folder.diagnostics.map(\.description) == ["x: cannot be read: permission denied"])
  }

  @Test func theMatrix() {
    let stages = "p: {stage: prompt-expansion, with: {brief: \"${matrix.m.headline}\"}}"
    #expect(
      problems(stages: stages, head: "matrix: {m: []}\n") == [
        "2:13: axis 'm' has no rows, so there is nothing to make"
      ])
    #expect(
      problems(
        stages: stages,
        head: "matrix: {m: [{headline: a}, {id: x y, headline: a}, {id: u, headline: a}, {id: u}]}\n") == [
          "2:14: a row of axis 'm' has no 'id'",
          "2:34: 'id': wanted letters, digits, '.', '_', '+' and '-', found 'x y'",
          "2:80: id 'u' is already declared at campaign.yaml:2:58",
        ])
    #expect(
      problems(
        stages: stages,
        head:
          "matrix: {m: [{id: us, headline: a}], exclude: [{m: su}, {n: us}, {m: us}, {}], include: [{}, 4]}\n"
      ) == [
        "2:48: 'exclude' leaves no variant, so there is nothing to make",
        "2:52: axis 'm' has no row 'su'; did you mean 'us'?",
        "2:58: unknown axis 'n'",
        "2:75: an entry of 'exclude': wanted a row of at least one axis, found an empty mapping",
        "2:90: an entry of 'include' wants a row for every axis; 'm' is missing",
        "2:94: an entry of 'include': wanted a mapping, found '4'",
      ])
    #expect(
      problems(stages: stages, head: "matrix: {m: 5, \"a.b\": [x]}\n") == [
        "2:13: axis 'm': wanted a list or {from: FILE}, found '5'",
        "2:16: axis 'a.b': wanted a name of letters, digits, '-' and '_'",
      ])
    let axes = (0..<6).map { "a\($0): [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]" }.joined(separator: ", ")
    #expect(
      problems(stages: "p: {stage: prompt-expansion, with: {brief: b}}", head: "matrix: {\(axes)}\n") == [
        "2:190: the matrix has more than 100000 variants"
      ])
  }

  @Test func feeds() {
    let stages =
      "p: {stage: prompt-expansion, with: {brief: \"${matrix.m.headline}\", seed: \"${matrix.m.seed}\"}}"
    func feed(_ csv: String) -> [String] {
      problems(stages: stages, head: "matrix: {m: {from: feeds/m.csv}}\n", files: ["feeds/m.csv": csv])
    }
    #expect(feed("\u{feff}id,headline,seed\r\nus,\"a \"\"b\"\",\r\nc\",1\r\n\r\njp,x,2") == [])
    #expect(
      feed("id,headline,seed\nus,a,x\n") == [
        "4:76: parameter 'seed': wanted a whole number from 0 to 9223372036854775807, found 'x' (from feeds/m.csv:2:6)"
      ])
    #expect(
      feed("id,headline,seeds\nus,a,1\n") == [
        "4:76: unknown field 'seed' of 'matrix.m'; did you mean 'seeds'?"
      ])
    #expect(
      feed("id,headline,seed\nus,a,1,2\njp,b\nus,c,3\n") == [
        "feeds/m.csv:2:1: wanted 3 fields as in the header, found 4",
        "feeds/m.csv:3:1: wanted 3 fields as in the header, found 2",
      ])
    #expect(
      feed("id,headline,seed\nus,é,1\nus,c,3\n") == [
        "feeds/m.csv:3:1: id 'us' is already declared at feeds/m.csv:2:1"
      ])
    #expect(
      feed("key,headline\nus,a\n") == ["feeds/m.csv:1:1: no column is called 'id'; found 'key', 'headline'"])
    #expect(feed("") == ["feeds/m.csv:1:1: the file is empty; wanted a header line with an 'id' column"])
    #expect(feed("id,headline,seed\n") == ["feeds/m.csv:1:1: the feed has no rows"])
    #expect(
      feed("id,,id\n1,2,3\n") == [
        "feeds/m.csv:1:4: a column has no name", "feeds/m.csv:1:5: column 'id' is there twice",
      ])
    #expect(feed("id,headline\nus,\"a\nb") == ["feeds/m.csv:2:4: the quote is never closed"])
    #expect(
      feed("id,headline\nus,\"a\"b\n") == [
        "feeds/m.csv:2:7: text after a closing quote; double a quote that belongs to the field"
      ])
    #expect(
      feed("id,headline\nus,é\"b\n") == [
        "feeds/m.csv:2:5: a quote inside a field that does not begin with one; put the field in quotes and double it"
      ])
    #expect(
      problems(stages: stages, head: "matrix: {m: {from: makrets.csv}}\n", files: ["markets.csv": ""]) == [
        "2:20: 'makrets.csv' does not exist; did you mean 'markets.csv'?"
      ])
    var latin = Workspace(
      "reel: 1\nmatrix: {m: {from: m.csv}}\nstages: {p: {stage: prompt-expansion, with: {brief: b}}}")
    latin.files["m.csv"] = Array("id,text\nus,".utf8) + [0xe9]
    #expect(latin.problems == ["m.csv:2:4: the text is not UTF-8; save the file as UTF-8"])
  }

  @Test func outputs() {
    let head = "matrix: {m: [{id: us, path: ../../x}, {id: jp, path: y}]}\n"
    let stages =
      "p: {stage: prompt-expansion, with: {brief: \"${matrix.m}\"}}\nq: {stage: prompt-expansion, with: {brief: b}}"
    func outputs(_ lines: String) -> [String] {
      problems(stages: stages, head: head, after: "outputs:\n" + lines)
    }
    #expect(
      outputs("  out.json: p\n") == [
        "7:3: output 'out.json' is made by m=us and by m=jp; put ${matrix.m} into its path"
      ])
    #expect(
      outputs("  a.json: q\n  ./a.json: q\n") == [
        "8:3: output './a.json' is already declared at campaign.yaml:7:3"
      ])
    #expect(
      outputs(
        "  out/${matrix.m.path}.json: p\n  ../${matrix.m}.json: p\n  out/: q\n  b: p.stills\n  c: [q, x]\n")
        == [
          "7:3: output 'out/../../x.json' leaves the pipeline's folder by words of a row or a variable; write '..' or the first '/' in the pipeline itself",
          "9:3: output 'out/': wanted a name at the end of its path",
          "10:3: output 'b' is made by m=us and by m=jp; put ${matrix.m} into its path",
          "10:6: node 'p' of stage 'prompt-expansion' has no output 'stills'; wanted 'prompts'",
          "11:6: output 'c': wanted a node, or a node and its port as in 'node.port', found a list",
        ])
  }

  @Test func files() {
    var workspace = Workspace(
      """
      reel: 1
      stages:
        k: {stage: keyframe-generation, in: {prompts: p}, with: {model: emebdded}}
        p: {stage: prompt-expansion, with: {brief: b}}
        o: {stage: ad-overlay, in: {frames: f}, with: {layers: [{image: art/lgoo.png, at: top}, {image: art, at: top}]}}
        f: {stage: patch-diffusion, in: {prompts: p}}
      """)
    workspace.assets = ["art/logo.png"]
    #expect(
      workspace.problems == [
        "campaign.yaml:3:67: parameter 'model': model 'emebdded' does not exist",
        "campaign.yaml:5:67: parameter 'layers[0].image': file 'art/lgoo.png' does not exist; did you mean 'logo.png'?",
        "campaign.yaml:5:99: parameter 'layers[1].image': file 'art' does not exist",
      ])
  }

  @Test func includes() {
    #expect(
      Workspace(
        "reel: 1\ninclude: a.yaml\n",
        files: ["a.yaml": "reel: 1\ninclude: b/b.yaml", "b/b.yaml": "reel: 1\ninclude: [../a.yaml]"]
      ).problems == ["b/b.yaml:2:11: files include each other: a.yaml → b/b.yaml → a.yaml"])
    #expect(
      Workspace(
        "reel: 1\ninclude: [b.yaml, ./b.yaml, a.yaml]\n",
        files: ["a.yml": "", "b.yaml": "reel: 1\nvars: {a: [}"]
      )
      .problems == [
        "campaign.yaml:2:19: 'b.yaml' is included twice",
        "campaign.yaml:2:29: 'a.yaml' does not exist; did you mean 'a.yml'?",
        "b.yaml:2:12: did not find expected node content while parsing a flow node",
      ])
    #expect(
      Workspace(
        """
        reel: 1
        include: spot.yaml
        matrix: {m: [a]}
        stages:
          p: {stage: prompt-expansion, with: {brief: b}}
          qq: {with: {seed: 4}}
        outputs: {a: q}
        """,
        files: [
          "spot.yaml": """
          reel: 1
          matrix: {m: [b]}
          stages:
            p: {stage: prompt-expansion, with: {brief: b}}
            q: {stage: prompt-expansion, with: {brief: b, sede: 3}}
          outputs: {a: p}
          """
        ]
      ).problems == [
        "campaign.yaml:3:10: axis 'm' is already declared at spot.yaml:2:10",
        "campaign.yaml:5:3: node 'p' is already declared at spot.yaml:4:3",
        "campaign.yaml:6:3: node 'qq' has no 'stage', and no included file declares it; did you mean 'q'?",
        "campaign.yaml:7:11: output 'a' is already declared at spot.yaml:6:11",
        "spot.yaml:5:49: unknown parameter 'sede' for stage 'prompt-expansion'; did you mean 'seed'?",
      ])
  }
}
