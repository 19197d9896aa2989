// Tests of the expansion: variants, projection, order, repetition, inclusion.

import ReelPlanning
import ReelStage
import Testing

@Suite struct GraphTests {
  @Test func aNodeExistsOnceForEachCombinationOfTheAxesItUses() throws {
    let graph = try Workspace(campaign, files: ["markets.csv": markets]).graph()
    #expect(
      graph.nodes.map(\.name) == [
        "prompts", "keyframes", "footage", "master@format=16x9", "master@format=9x16",
        "branded@market=us,format=16x9", "branded@market=us,format=9x16", "branded@market=jp,format=9x16",
        "spot@market=us,format=16x9", "spot@market=us,format=9x16", "spot@market=jp,format=9x16",
      ])
    #expect(
      graph.outputs.map(\.path) == [
        "renders/sparkling-water-us-16x9.mp4", "renders/sparkling-water-us-9x16.mp4",
        "renders/sparkling-water-jp-9x16.mp4",
      ])
    #expect(graph.nodes[7].parameters["layers"]?.array?[0]["text"] == "涼しい")
    #expect(graph.nodes[7].inputs == ["frames": [GraphSource(node: 4, port: "frames")]])
    #expect(graph.nodes[3].parameters == ["size": "1920x1080", "fps": "25"])
    #expect(
      graph.nodes[1].files.map { "\($0.parameter) \($0.path) \($0.place)" } == [
        "model embedded campaign.yaml:12:81"
      ])
  }

  @Test func sourcesStandBeforeTheirReadersWhateverTheOrderOfTheFile() throws {
    let graph = try Workspace(
      """
      reel: 1
      stages:
        spot: {stage: encoding, in: {frames: big}}
        big: {stage: upscaling, in: {frames: footage}, with: {size: 64x64}}
        footage: {stage: patch-diffusion, in: {prompts: shots}}
        shots: {stage: prompt-expansion, with: {brief: a can}}
      """
    ).graph()
    #expect(graph.nodes.map(\.id) == ["shots", "footage", "big", "spot"])
    #expect(graph.pipeline.name == "campaign")
  }

  @Test func variablesMayHoldListsAndReferToEachOtherAndToTheMatrix() throws {
    let graph = try Workspace(
      """
      reel: 1
      vars:
        can: {colour: red, text: "a ${vars.can.colour} can"}
        line: "${matrix.market}: ${vars.can.text}"
        layers:
          - {text: "${vars.line}", at: top}
          - {text: "2 $${not a reference} for $5", at: bottom}
      matrix:
        market: [us, jp]
      stages:
        shots: {stage: prompt-expansion, with: {brief: "${vars.can.text}"}}
        footage: {stage: patch-diffusion, in: {prompts: shots}}
        branded: {stage: ad-overlay, in: {frames: footage}, with: {layers: "${vars.layers}"}}
      """
    ).graph()
    #expect(graph.nodes.map(\.name) == ["shots", "footage", "branded@market=us", "branded@market=jp"])
    #expect(graph.nodes[0].parameters["brief"] == "a red can")
    #expect(
      graph.nodes[3].parameters["layers"]
        == [
          ["text": "jp: a red can", "at": "top", "size": 8.0],
          ["text": "2 ${not a reference} for $5", "at": "bottom", "size": 8.0],
        ])
  }

  @Test func theCommandLineOverridesVariables() throws {
    var workspace = Workspace(
      """
      reel: 1
      vars: {seed: 1, can: {colour: red, size: small}}
      env: [CLIENT]
      name: ${env.CLIENT}-${vars.can.colour}
      stages:
        shots: {stage: prompt-expansion, with: {brief: "${vars.can.size} ${vars.can.colour}", seed: "${vars.seed}"}}
      """)
    workspace.overrides = [("seed", "9"), ("can.colour", "blue")]
    workspace.environment = ["CLIENT": "acme", "HOME": "/home/acme"]
    let graph = try workspace.graph()
    #expect(graph.nodes[0].parameters == ["brief": "small blue", "seed": 9, "shots": 3])
    #expect(graph.pipeline.name == "acme-blue")
    workspace.overrides = [("sede", "9"), ("can.color", "blue"), ("seed.a", "1")]
    #expect(
      workspace.problems == [
        "-D sede=9: unknown variable 'sede'; did you mean 'seed'?",
        "-D can.color=blue: unknown field 'color' of 'vars.can'; did you mean 'colour'?",
        "-D seed.a=1: 'vars.seed' has no fields, so there is no 'a' in it",
      ])
  }

  @Test func foreachRepeatsANodeAndItsNameStandsForAll() throws {
    let graph = try Workspace(
      """
      reel: 1
      vars:
        scenes: [{id: city, seconds: 2}, {id: beach, seconds: 4}]
      stages:
        shots: {stage: prompt-expansion, foreach: "${vars.scenes}", with: {brief: "a ${each}"}}
        footage:
          stage: patch-diffusion
          foreach: "${vars.scenes}"
          in: {prompts: "shots-${each}"}
          with: {seconds: "${each.seconds}"}
        spot: {stage: encoding, in: {frames: footage}}
        teaser: {stage: encoding, in: {frames: [footage-beach, footage-city.frames]}}
      outputs:
        all.mp4: spot
        raw/${each.id}.frames: footage
      """
    ).graph()
    #expect(
      graph.nodes.map(\.id) == [
        "shots-city", "shots-beach", "footage-city", "footage-beach", "spot", "teaser",
      ])
    #expect(graph.nodes.map { $0.parameters["seconds"]?.number } == [nil, nil, 2, 4, nil, nil])
    #expect(graph.nodes[1].parameters["brief"] == "a beach")
    #expect(graph.nodes[4].inputs["frames"]?.map(\.node) == [2, 3])
    #expect(graph.nodes[5].inputs["frames"]?.map(\.node) == [3, 2])
    #expect(graph.outputs.map(\.path) == ["all.mp4", "raw/city.frames", "raw/beach.frames"])
  }

  @Test func anIncludedPipelineBringsNodesThatTheIncludingFileAdjusts() throws {
    var workspace = Workspace(
      """
      reel: 1
      include: ../shared/spot.yaml
      vars: {brief: mine, logo: logo.png}
      matrix: {format: [wide]}
      stages:
        master: {with: {fps: 50}, timeout: 60}
      outputs:
        ${matrix.format}.mp4: spot
      """,
      files: [
        "../shared/spot.yaml": """
        reel: 1
        name: ignored
        vars: {brief: theirs, size: 64x64, frame: frame.png}
        stages:
          shots: {stage: prompt-expansion, with: {brief: "${vars.brief}"}}
          footage: {stage: patch-diffusion, in: {prompts: shots}}
          master: {stage: upscaling, in: {frames: footage}, with: {size: "${vars.size}", fps: 25}, retries: 2}
          branded:
            stage: ad-overlay
            in: {frames: master}
            with:
              layers: [{image: "${vars.logo}", at: top}, {image: "${vars.frame}", at: top}, {image: own.png, at: top}]
          spot: {stage: encoding, in: {frames: branded}}
        """
      ])
    workspace.assets = ["logo.png", "../shared/frame.png", "../shared/own.png"]
    let graph = try workspace.graph()
    let master = try #require(graph.nodes.first { $0.id == "master" })
    #expect(master.parameters == ["size": "64x64", "fps": "50"])
    #expect(master.timeout == 60)
    #expect(master.retries == 2)
    #expect(graph.nodes[0].parameters["brief"] == "mine")
    #expect(graph.pipeline.name == "campaign")
    #expect(graph.pipeline.sources == ["campaign.yaml", "../shared/spot.yaml"])
    // A path starts in the folder of the file that it is written in.
    let branded = try #require(graph.nodes.first { $0.id == "branded" })
    #expect(branded.files.map(\.path) == ["logo.png", "../shared/frame.png", "../shared/own.png"])
    #expect(branded.parameters["layers"]?.array?[1]["image"] == "../shared/frame.png")
  }

  @Test func theMatrixLeavesOutAndAddsVariants() throws {
    let pipeline = Workspace(
      """
      reel: 1
      matrix:
        market: [us, jp, de]
        format: [16x9, 9x16]
        exclude: [{market: jp}, {market: us, format: 9x16}]
        include: [{market: jp, format: 9x16}, {market: us, format: {id: 4x5, size: 1080x1350}}, {market: us, format: 16x9}]
      stages:
        shots: {stage: prompt-expansion, with: {brief: "${matrix.format}"}}
      """
    ).pipeline
    #expect(pipeline.diagnostics == [])
    #expect(
      pipeline.matrix.variants.map(\.description) == [
        "market=us,format=16x9", "market=de,format=16x9", "market=de,format=9x16", "market=jp,format=9x16",
        "market=us,format=4x5",
      ])
  }

  @Test func aDefaultModelThatIsNotFoundIsAbsent() throws {
    func master(_ with: String, found: Set<String>) throws -> (model: JSON?, files: [String]) {
      var workspace = Workspace(
        """
        reel: 1
        stages:
          p: {stage: prompt-expansion, with: {brief: b}}
          f: {stage: patch-diffusion, in: {prompts: p}}
          m: {stage: upscaling, in: {frames: f}, with: {size: 16x16\(with)}}
        """)
      workspace.models = found
      let node = try #require(try workspace.graph().nodes.first { $0.id == "m" })
      return (node.parameters["model"], node.files.map(\.path))
    }
    #expect(try master("", found: ["upscaling"]) == ("upscaling", ["upscaling"]))
    #expect(try master("", found: []) == (nil, []))
    #expect(try master(", model: ", found: []) == (nil, []))
    #expect(try master(", model: mine", found: ["mine"]) == ("mine", ["mine"]))
    // What is written must be there.
    let error = #expect(throws: Diagnostics.self) { try master(", model: upscaling", found: []) }
    #expect(
      error?.list.map(\.description)
        == ["campaign.yaml:5:69: parameter 'model': model 'upscaling' does not exist"])
  }

  @Test func anchorsAliasesAndMergesAreFollowed() throws {
    let graph = try Workspace(
      """
      reel: 1
      vars:
        base: &base {brief: one, seed: 1}
        text: &text two
      stages:
        first: {stage: prompt-expansion, with: *base}
        second:
          stage: prompt-expansion
          with:
            <<: *base
            brief: *text
        third: {stage: prompt-expansion, with: {<<: [{seed: 5}, *base]}}
      """
    ).graph()
    #expect(graph.nodes.map { $0.parameters["brief"] } == ["one", "two", "one"])
    #expect(graph.nodes.map { $0.parameters["seed"] } == [1, 1, 5])
  }

  @Test func aStageWhosePluginCannotBeLoadedIsNoErrorOfThePipeline() throws {
    var stages = StageCatalogue.tests
    stages.manifests["upscaling"] = .failure(StageUnavailable("libUpscaling.so: no ELF file"))
    let graph = try Workspace(campaign, files: ["markets.csv": markets]).graph(stages)
    #expect(graph.nodes.count == 11)
    #expect(graph.nodes[3].manifest == .failure(StageUnavailable("libUpscaling.so: no ELF file")))
    #expect(graph.nodes[3].parameters == ["size": "1920x1080", "fps": "25"])
  }
}
