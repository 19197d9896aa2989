// Tests of what is shown of documents, pipelines and graphs, and of the schema for editors.

import ReelPlanning
import ReelStage
import Testing

@Suite struct PresentationTests {
  private let workspace = Workspace(
    """
    reel: 1
    name: say "hi"
    vars: {brief: a can}
    matrix: {m: [us, {id: jp, seed: 5}]}
    stages:
      p: {stage: prompt-expansion, with: {brief: "${vars.brief} ${matrix.m}"}}
      k: {stage: keyframe-generation, in: {prompts: p}, timeout: 9.5, retries: 1}
    outputs:
      ${matrix.m}.json: k.stills

    """)

  @Test func theGraphAsDOT() throws {
    #expect(
      try workspace.graph().drawing(.byVariant).dot == """
        digraph "say \\"hi\\"" {
          rankdir=LR;
          node [shape=box, style=rounded, fontname="sans"];
          edge [fontname="sans", fontsize=10];
          n0 [label="p\\nm=us\\n(prompt-expansion)"];
          n1 [label="p\\nm=jp\\n(prompt-expansion)"];
          n2 [label="k\\nm=us\\n(keyframe-generation)"];
          n3 [label="k\\nm=jp\\n(keyframe-generation)"];
          o0 [shape=note, style="", label="us.json"];
          o1 [shape=note, style="", label="jp.json"];
          n0 -> n2 [label="prompts"];
          n1 -> n3 [label="prompts"];
          n2 -> o0 [label="stills"];
          n3 -> o1 [label="stills"];
        }

        """)
  }

  @Test func thePipelineAsJSON() {
    #expect(
      workspace.pipeline.json == [
        "file": "campaign.yaml", "name": "say \"hi\"", "sources": ["campaign.yaml"], "plugins": [],
        "vars": ["brief": "a can"], "env": [],
        "matrix": [
          "axes": [["name": "m", "rows": [["id": "us"], ["id": "jp", "seed": "5"]]]],
          "variants": [["m": "us"], ["m": "jp"]],
        ],
        "nodes": [
          [
            "id": "p", "stage": "prompt-expansion", "with": ["brief": "${vars.brief} ${matrix.m}"], "in": [:],
            "retries": 0,
          ],
          [
            "id": "k", "stage": "keyframe-generation", "with": [:], "in": ["prompts": ["p"]], "retries": 1,
            "timeout": 9.5,
          ],
        ],
        "outputs": [["path": "${matrix.m}.json", "from": "k.stills"]],
      ])
  }

  @Test func theGraphAsJSON() throws {
    let json = try workspace.graph().json
    #expect(json["name"] == "say \"hi\"")
    #expect(
      json["nodes"]?.array?[3] == [
        "name": "k@m=jp", "id": "k", "variant": ["m": "jp"], "stage": "keyframe-generation",
        "parameters": ["model": "embedded", "steps": 20],
        "files": [["parameter": "model", "path": "embedded"]],
        "inputs": ["prompts": [["node": "p@m=jp", "port": "prompts"]]], "retries": 1, "timeout": 9.5,
      ])
    #expect(
      json["outputs"]?.array?[0] == [
        "path": "us.json", "from": ["node": "k@m=us", "port": "stills"], "variant": ["m": "us"],
      ])
  }

  @Test func theSchemaComesFromTheDeclarations() throws {
    let schema = pipelineSchema(for: [StageCatalogue.overlay, StageCatalogue.keyframes])
    let definitions = try #require(schema["$defs"])
    #expect(definitions["with-keyframe-generation"]?["additionalProperties"] == false)
    #expect(
      definitions["with-keyframe-generation"]?["properties"]?["steps"] == [
        "description": "how many steps", "default": 20,
        "anyOf": [
          ["type": "integer", "minimum": 1, "maximum": 200], ["$ref": "#/$defs/reference"], ["type": "null"],
        ],
      ])
    let layers = definitions["with-ad-overlay"]?["properties"]?["layers"]?["anyOf"]?.array?[0]
    #expect(layers?["maxItems"] == 20)
    let layer = layers?["items"]?["anyOf"]?.array?[0]
    #expect(layer?["required"] == ["at"])
    #expect(layer?["properties"]?["at"]?["anyOf"]?.array?[0] == ["enum": ["top", "centre", "bottom"]])
    #expect(
      definitions["in-keyframe-generation"] == [
        "type": "object", "additionalProperties": false,
        "properties": ["prompts": ["$ref": "#/$defs/source", "description": "the shots (prompts)"]],
      ])
    // Every definition that is referred to is there, and every stage has its branch.
    let names = Set(definitions.object?.keys.map { "#/$defs/\($0)" } ?? [])
    #expect(Set(references(in: schema)).subtracting(names) == [])
    #expect(definitions["node"]?["allOf"]?.array?.count == 2)
  }

  /// The targets of every `$ref`.
  private func references(in value: JSON) -> [String] {
    switch value {
    case .array(let values): values.flatMap { references(in: $0) }
    case .object(let members):
      members.flatMap { name, value in
        name == "$ref" ? [value.string ?? ""] : references(in: value)
      }
    default: []
    }
  }
}
