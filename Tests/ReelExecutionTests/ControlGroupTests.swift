// The limits of control groups, read from folders that look as the kernel's do.

import ReelExecution
import ReelPlanning
import Testing

@Suite struct ControlGroupTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ files: [String: String]) throws {
    for (name, text) in files {
      try FileSystem.makeFolder(FileSystem.parent(of: folder.path(name)) ?? "")
      try folder.write(name, Array(text.utf8))
    }
  }

  private func group() -> ControlGroup? {
    ControlGroup(root: folder.path, naming: folder.path("self"))
  }

  @Test("the least limit of a group and those above it counts, and what the kernel can take back is left")
  func second() throws {
    try write([
      "self": "0::/machine/box\n",
      "machine/box/memory.max": "max\n", "machine/box/memory.high": "4000000000\n",
      "machine/box/memory.current": "1500000000\n",
      "machine/box/memory.stat": "anon 900000000\nfile 600000000\ninactive_file 500000000\n",
      "machine/memory.max": "5000000000\n", "machine/memory.current": "4500000000\n",
      "machine/memory.stat": "inactive_file 0\n",
    ])
    let memory = try #require(group()?.memory)
    #expect(memory.limit == ByteCount(4_000_000_000))
    #expect(memory.left == ByteCount(500_000_000))
  }

  @Test("the first version's group is where its memory controller says") func first() throws {
    try write([
      "self": "3:cpuset:/\n4:cpu,memory:/box\n0::/\n",
      "memory/box/memory.limit_in_bytes": "3000000000\n", "memory/box/memory.usage_in_bytes": "2500000000\n",
      "memory/box/memory.stat": "inactive_file 1\ntotal_inactive_file 1500000000\n",
      "memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/memory.usage_in_bytes": "1\n",
    ])
    let memory = try #require(group()?.memory)
    #expect(memory.limit == ByteCount(3_000_000_000))
    #expect(memory.left == ByteCount(2_000_000_000))
  }

  @Test(
    "without a limit, a group or a file there is none",
    arguments: ["0::/\n", "0::/gone/far\n", "", "nonsense\n", "1:\n"])
  func none(naming: String) throws {
    try write(["self": naming, "memory.max": "max\n", "memory.current": "5\n"])
    #expect(group()?.memory == nil)
  }

  @Test("more than the limit leaves nothing") func over() throws {
    try write(["self": "0::/\n", "memory.max": "100\n", "memory.current": "200\n"])
    let memory = try #require(group()?.memory)
    #expect(memory.left == ByteCount(0))
  }
}
