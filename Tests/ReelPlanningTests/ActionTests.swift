// Tests of cutting a node's work into actions.

import ReelPlanning
import ReelStage
import Testing

@Suite struct ActionTests {
  private let graph: Graph

  init() throws {
    graph = try Workspace(
      """
      reel: 1
      stages:
        shots: {stage: prompt-expansion, with: {brief: a can}}
        stills: {stage: keyframe-generation, in: {prompts: shots}}
        footage: {stage: patch-diffusion, in: {prompts: shots, keyframes: stills}}
        spot: {stage: encoding, in: {frames: [footage, footage]}}
        big: {stage: upscaling, in: {frames: [footage, spotless]}, with: {size: 8x8}}
        spotless: {stage: ad-overlay, in: {frames: footage}}
      """
    ).graph()
  }

  private func node(_ id: String) -> GraphNode { graph.nodes.first { $0.id == id }! }

  private func parts(_ shots: [String?], _ prefix: String = "") -> [Part] {
    shots.map { Part(shot: $0, digest: Digest(of: prefix + ($0 ?? "whole"))) }
  }

  @Test func aStageThatIsNotCutReadsEverything() throws {
    let inputs = ["frames": parts(["1", "2"])]
    #expect(try graph.actions(for: node("spotless"), inputs: inputs).map(\.inputs) == [inputs])
    #expect(try graph.actions(for: node("shots"), inputs: [:]).count == 1)
  }

  @Test func aStageCutByShotReadsThePartsOfOneShot() throws {
    let prompts = parts(["1", "2", "b"], "p")
    let stills = parts(["b", "2", "1"], "k")
    let actions = try graph.actions(for: node("footage"), inputs: ["prompts": prompts, "keyframes": stills])
    #expect(actions.map(\.piece.shot) == ["1", "2", "b"])
    #expect(actions[2].inputs == ["prompts": [prompts[2]], "keyframes": [stills[0]]])
    #expect(actions.allSatisfy { $0.node == node("footage").index })
  }

  @Test func aSingleUnnamedPartIsReadByEveryShot() throws {
    let shared = parts([nil])
    let actions = try graph.actions(
      for: node("footage"), inputs: ["prompts": parts(["1", "2"]), "keyframes": shared])
    #expect(actions.map { $0.inputs["keyframes"] } == [shared, shared])
    let alone = try graph.actions(for: node("stills"), inputs: ["prompts": shared])
    #expect(alone.map(\.piece.shot) == [nil])
  }

  @Test func inputsThatDoNotFitAreRefused() {
    func problem(_ inputs: [String: [Part]]) -> String {
      do throws(CuttingProblem) {
        return "\(try graph.actions(for: node("footage"), inputs: inputs).count) actions"
      } catch {
        return error.description
      }
    }
    #expect(
      problem(["prompts": parts(["1", "2"]), "keyframes": parts(["1", "3"])])
        == "input 'keyframes': has the shots '1', '3', but input 'prompts' has '1', '2'")
    #expect(problem(["prompts": parts(["1", "1"])]) == "input 'prompts': shot '1' comes twice")
    #expect(
      problem(["prompts": parts(["1", nil])])
        == "input 'prompts': wanted parts named by shot or a single one, found 1 without names")
  }

  @Test func joinedSourcesKeepTheirShotsApart() throws {
    let inputs = graph.inputs(of: node("big")) { source in
      parts(graph.nodes[source.node].id == "footage" ? ["1", "2"] : [nil])
    }
    #expect(inputs["frames"]?.map(\.shot) == ["1.1", "1.2", "2"])
    #expect(try graph.actions(for: node("big"), inputs: inputs).map(\.piece.shot) == ["1.1", "1.2", "2"])
    let single = graph.inputs(of: node("stills")) { _ in parts(["1", nil]) }
    #expect(single["prompts"]?.map(\.shot) == ["1", nil])
  }
}
