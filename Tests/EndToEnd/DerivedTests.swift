// What workers make of models is in the store: made once, checked, and dropped with the rest.

import Glibc
import Testing

@Suite struct DerivedTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    try workspace.write("campaign.yaml", Self.campaign())
  }

  /// Two variants of a shot with the same words.
  private static func campaign(steps: Int = 1) -> String {
    """
    reel: 1
    name: kept
    matrix:
      format: [{id: a, size: 64x64}, {id: b, size: 64x32}]
    stages:
      prompts: {stage: prompt-expansion, with: {brief: a red can, shots: 1}}
      stills:
        stage: keyframe-generation
        in: {prompts: prompts}
        with: {size: "${matrix.format.size}", steps: \(steps), stills: 1}
    outputs:
      stills/${matrix.format}: stills

    """
  }

  private func derived() throws -> [String] {
    try names(in: workspace.path + "/.reel/derived").flatMap { folder in
      try names(in: "\(workspace.path)/.reel/derived/\(folder)").map { ".reel/derived/\(folder)/\($0)" }
    }
  }

  private func flip(_ name: String) throws {
    var bytes = try workspace.bytes(name)
    bytes[bytes.count - 100] ^= 4
    _ = chmod("\(workspace.path)/\(name)", 0o644)
    try workspace.write(name, bytes)
  }

  @Test("the vectors of a prompt are one file for all variants and builds") func once() throws {
    _ = try workspace.buildAndListRun()
    let files = try derived()
    // The prompt and the negative one.
    #expect(files.count == 2)
    let before = try files.map { try workspace.identity(of: $0) }
    try workspace.write("campaign.yaml", Self.campaign(steps: 2))
    #expect(try workspace.buildAndListRun().count == 2)
    #expect(try derived() == files)
    #expect(try files.map { try workspace.identity(of: $0) } == before)
    #expect(try workspace.reel("cache", "stats").output.contains("\n2 files that were made of models, "))
  }

  @Test("a damaged one is found by verify, and made again by a build that wants it") func damaged() throws {
    _ = try workspace.buildAndListRun()
    let blobs = try workspace.reel("cache", "stats").output
    let files = try derived()
    for file in files { try flip(file) }
    let found = try workspace.reel("cache", "verify")
    #expect(found.status == 1)
    for file in files { #expect(found.output.contains("damaged: \(workspace.path)/\(file)\n"), "\(found)") }
    #expect(found.output.hasSuffix(" sound, 2 damaged, 0 missing\n"))
    _ = try workspace.reel("build", "-B")
    #expect(try workspace.reel("cache", "verify").status == 0)
    #expect(try workspace.reel("cache", "stats").output == blobs)
    try flip(files[0])
    #expect(try workspace.reel("cache", "verify", "--repair").status == 0)
    #expect(try derived() == [files[1]])
  }

  @Test("they go when room is made, and with what was left of one that was never finished") func collected()
    throws
  {
    _ = try workspace.buildAndListRun()
    let files = try derived()
    try workspace.write(files[0] + ".draft", "half")
    let kept = try workspace.reel("cache", "gc", "--max-size", "1GB")
    #expect(kept.output.contains("\ndropped 1 files that were made of models, 4 bytes; 2 files, "), "\(kept)")
    #expect(try derived() == files)
    #expect(try workspace.reel("cache", "gc", "--max-age", "0s").status == 0)
    #expect(try derived() == [])
  }

  @Test("a store that has no room for them does without") func unwritable() throws {
    try workspace.write(".reel/derived", "in the way")
    #expect(try workspace.buildAndListRun().count == 3)
  }
}
