// The JSON Schema that editors read is the one that the stages declare.

import Testing

@Suite struct SchemaTests {
  @Test func theShippedSchemaIsWhatTheProgramPrints() throws {
    let workspace = try Workspace()
    let finished = try workspace.reel("schema")
    #expect(finished.status == 0)
    let shipped = try contents(of: "\(Built.project)/pipelines/reel.schema.json")
    #expect(
      finished.output == String(decoding: shipped, as: UTF8.self),
      "run 'reel schema > pipelines/reel.schema.json'")
  }
}
