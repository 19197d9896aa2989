// A shot survives its file, and a file of another shape is no shot.

import ReelStage
import Testing

@Suite struct ShotTests {
  let shot = Shot(
    seconds: 2, seed: .max, prompt: "a red can", negativePrompt: "", choices: ["camera": "push in"])

  @Test func `round trip`() throws {
    #expect(Shot(json: try JSON(parsing: shot.json.indentedText)) == shot)
  }

  @Test func `each member is needed`() {
    guard case .object(let members) = shot.json else { return }
    for name in members.keys {
      var without = members
      without[name] = nil
      #expect(Shot(json: .object(without)) == nil, "without \(name)")
    }
  }
}
