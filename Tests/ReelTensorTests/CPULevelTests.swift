// The CPU levels: which there are, and that no instruction of one leaks into what every machine runs.
import Glibc
import ReelTensor
import Testing

struct CPULevelTests {
  @Test func `levels are ordered and the plainest is always there`() {
    #expect(CPULevel.baseline < .v3 && CPULevel.v3 < .v4 && CPULevel.v4 < .v4bf16)
    #expect(CPULevel.supported.first == .baseline)
    #expect(CPULevel.supported == CPULevel.supported.sorted())
    #expect(CPULevel.supported.contains(CPULevel.current))
  }

  #if arch(x86_64)
    /// The linker keeps one of several weak functions of the same name: if the loops' modules had one in common
    /// with any other, all might get the copy with AVX-512 in it. A weak function must name its own module.
    @Test(arguments: ["KernelsV3", "KernelsV4", "KernelsV4BF16"])
    func `weak functions of the loops belong to their module alone`(module: String) throws {
      let objects = try output("ls '\(buildFolder())/\(module).build/'*.o").split(separator: "\n")
      #expect(!objects.isEmpty)
      let listed = objects.map { "'\($0)'" }.joined(separator: " ")
      let symbols = try output("objdump -t \(listed)").split(separator: "\n")
      let functions = symbols.filter { $0.contains(" F .text") }
      #expect(!functions.isEmpty)
      for symbol in functions where symbol.contains(" w ") {
        #expect(symbol.contains("\(module.count)\(module)"), "shared with other modules: \(symbol)")
      }
    }

    /// Registers of AVX-512 are named only in functions of the modules for it, and products of halves and bytes only
    /// in the module for them.
    @Test(arguments: [("%zmm", "(9KernelsV4|13KernelsV4BF16)"), ("v?(dpbf16ps|pdpbusd)", "13KernelsV4BF16")])
    func `the library has instructions of a level in its modules only`(
      instructions: String, modules: String
    ) throws {
      let library = try "\(buildFolder())/libReelCore.so"
      let filter =
        "/^[0-9a-f]+ <.*>:$/ { name = $2 } /\(instructions)/ && name !~ /\(modules)/ { print name }"
      #expect(try output("objdump -d --no-show-raw-insn '\(library)' | awk '\(filter)' | sort -u") == "")
      #expect(try output("objdump -d '\(library)' | grep -E -c -m 1 '\(instructions)'") == "1\n")
    }
  #endif

  /// The folder that everything is built into: that of the core's library in this process.
  private func buildFolder() throws -> String {
    let path = try output("grep -o '/.*/libReelCore.so' /proc/\(getpid())/maps | head -n 1")
    let slash = try #require(path.lastIndex(of: "/"))
    return String(path[..<slash])
  }

  private func output(_ command: String) throws -> String {
    let pipe = try #require(popen(command, "r"))
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&buffer, 1, buffer.count, pipe)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    pclose(pipe)
    return String(decoding: bytes, as: UTF8.self)
  }
}
