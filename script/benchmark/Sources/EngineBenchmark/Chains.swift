// The same work for each engine: chains of one-input links, each chain behind a source file of its own.

/// So many chains of so many links.
struct Chains {
  let count: Int
  let length: Int

  var nodes: Int { count * length }
  private var names: [String] { (0..<count).map { "s\($0)" } }

  func source(_ chain: Int) -> String { "sources/s\(chain).txt" }

  private func writeSources(in folder: String) {
    makeFolder(folder)
    makeFolder(folder + "/sources")
    for chain in 0..<count { write("source \(chain)\nnotes\n", to: "\(folder)/\(source(chain))") }
  }

  /// Two pipelines: `campaign.yaml` delivers the end of each chain, `delivered.yaml` every link.
  func writeCampaign(in folder: String) {
    writeSources(in: folder)
    write("id\n" + names.map { $0 + "\n" }.joined(), to: folder + "/sources.csv")
    var text = "reel: 1\nname: chains\nmatrix: {source: {from: sources.csv}}\nstages:\n"
    text += "  link-1: {stage: link, with: {file: \"sources/${matrix.source}.txt\", word: w1}}\n"
    for link in 2...length {
      text += "  link-\(link): {stage: link, in: {before: link-\(link - 1)}, with: {word: w\(link)}}\n"
    }
    text += "outputs:\n"
    let end = "  films/${matrix.source}.txt: link-\(length)\n"
    write(text + end, to: folder + "/campaign.yaml")
    let every = (1..<length).map { "  films/${matrix.source}-\($0).txt: link-\($0)\n" }.joined()
    write(text + end + every, to: folder + "/delivered.yaml")
  }

  func writeNinja(in folder: String) {
    writeSources(in: folder)
    makeFolder(folder + "/links")
    var text = "rule link\n  command = cp $in $out\n"
    for name in names {
      for link in 1...length {
        let before = link == 1 ? "sources/\(name).txt" : "links/\(name)-\(link - 1)"
        text += "build links/\(name)-\(link): link \(before)\n"
      }
    }
    write(text, to: folder + "/build.ninja")
  }

  func writeDVC(in folder: String) {
    writeSources(in: folder)
    makeFolder(folder + "/links")
    var text = "stages:\n"
    for name in names {
      for link in 1...length {
        let before = link == 1 ? "sources/\(name).txt" : "links/\(name)-\(link - 1)"
        let after = "links/\(name)-\(link)"
        text +=
          "  \(name)-\(link):\n    cmd: cp \(before) \(after)\n    deps: [\(before)]\n    outs: [\(after)]\n"
      }
    }
    write(text, to: folder + "/dvc.yaml")
  }

  func writeSnakemake(in folder: String) {
    writeSources(in: folder)
    makeFolder(folder + "/links")
    let ends = names.map { "'links/\($0)-\(length)'" }.joined(separator: ", ")
    write(
      """
      rule all:
        input: [\(ends)]
      rule first:
        input: 'sources/{name}.txt'
        output: 'links/{name}-1'
        shell: 'cp {input} {output}'
      rule link:
        input: lambda w: f'links/{w.name}-{int(w.link) - 1}'
        output: 'links/{name}-{link}'
        wildcard_constraints: link='[0-9]+', name='s[0-9]+'
        shell: 'cp {input} {output}'
      ruleorder: first > link

      """, to: folder + "/Snakefile")
  }
}
