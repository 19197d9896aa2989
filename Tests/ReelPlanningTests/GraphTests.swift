// Tests of the expansion: variants, projection, order, ports.

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
  }
}
