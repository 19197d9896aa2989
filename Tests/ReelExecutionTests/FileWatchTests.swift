// Which changes to files are heard, and by what name.

import Glibc
import ReelExecution
import Testing

@Suite struct FileWatchTests {
  private let folder: TemporaryFolder
  private let watch: FileWatch
  private var campaign: String { folder.path + "/campaign.yaml" }

  init() throws {
    folder = try TemporaryFolder()
    watch = try FileWatch()
    try FileSystem.replace(folder.path + "/campaign.yaml", with: "reel: 1\n".utf8)
    watch.follow([folder.path + "/campaign.yaml", folder.path + "/markets.csv"])
  }

  @Test("a file that is written, replaced, made or removed is named once") func changes() throws {
    #expect(!watch.hasChanges)
    try FileSystem.replace(campaign, with: "reel: 1\nname: a\n".utf8)
    #expect(watch.wait(quiet: 20) == .changes([campaign]))
    try FileSystem.replace(folder.path + "/markets.csv", with: "id\n".utf8)
    let file = try #require(fopen(campaign, "a"))
    fputs("# more\n", file)
    fclose(file)
    #expect(watch.wait(quiet: 20) == .changes([campaign, folder.path + "/markets.csv"]))
    try FileSystem.remove(campaign)
    #expect(watch.wait(quiet: 20) == .changes([campaign]))
    #expect(!watch.hasChanges)
  }

  @Test("other files of the folder count only where every file does") func others() throws {
    try FileSystem.replace(folder.path + "/renders.mp4", with: "film".utf8)
    #expect(!watch.hasChanges)
    watch.hearsEveryFile = true
    try FileSystem.replace(folder.path + "/logo.png", with: "logo".utf8)
    #expect(watch.wait(quiet: 20) == .changes([folder.path + "/logo.png"]))
  }

  @Test("a link is heard where it stands and where it leads to") func links() throws {
    try FileSystem.makeFolder(folder.path + "/brand")
    try FileSystem.replace(folder.path + "/brand/logo.png", with: "logo".utf8)
    let link = folder.path + "/logo.png"
    try #require(symlink("brand/logo.png", link) == 0)
    watch.follow([link])
    try FileSystem.replace(folder.path + "/brand/logo.png", with: "another".utf8)
    #expect(watch.wait(quiet: 20) == .changes([link]))
  }

  @Test("a folder that is taken away is a change, and can be followed again") func folders() throws {
    let inner = folder.path + "/texts"
    try FileSystem.makeFolder(inner)
    watch.follow([inner + "/legal.txt"])
    try FileSystem.remove(inner)
    #expect(watch.wait(quiet: 20) == .changes([inner]))
    try FileSystem.makeFolder(inner)
    watch.follow([inner + "/legal.txt"])
    try FileSystem.replace(inner + "/legal.txt", with: "legal".utf8)
    #expect(watch.wait(quiet: 20) == .changes([inner + "/legal.txt"]))
  }
}
