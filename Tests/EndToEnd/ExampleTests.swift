// The example campaign, from its text to four films and through the edits that people make.

import Glibc
import ReelJSON
import Testing

@Suite struct ExampleTests {
  private static let markets = ["ar-AE", "en-GB"]
  private static let formats = ["16x9", "9x16"]
  private static let films = markets.flatMap { market in
    formats.map { "renders/sparkling-water-\(market)-\($0).mp4" }
  }

  @Test("makes four films, and after an edit runs what the edit touches") func campaign() throws {
    let workspace = try Workspace()
    for folder in ["examples", "pipelines"] {
      try #require(
        try Running("cp", ["-r", "\(Built.project)/\(folder)", "."], in: workspace.path).wait().status == 0)
    }
    // What somebody made there is not the test's.
    removeTree(workspace.path + "/examples/sparkling-water/.reel")
    removeTree(workspace.path + "/examples/sparkling-water/renders")
    let folder = workspace.path + "/examples/sparkling-water"
    let example = Workspace(sharing: folder)

    // Each of three shots has stills, footage and a master for each of two formats. Every film is composited and encoded
    // in three runs of frames, and these are joined.
    #expect(try example.buildAndListRun().count == 1 + 3 * 2 * 3 + 4 * 3 + 4 * (3 + 1))
    for film in Self.films { try expectDeliverable(film, in: example) }
    let first = try Self.films.map(example.bytes)
    #expect(try example.buildAndListRun() == [])

    try headline(of: example)
    try tagline(of: example)
    try shot(of: example)
    try cosmetics(of: example)
    #expect(try Self.films.map(example.bytes) == first)
  }

  private static let runs = ["0-49", "50-99", "100-149"]

  /// The actions that make these runs of frames of a market's films, and join them.
  private func making(_ runs: [String], of markets: [String]) -> [String] {
    markets.flatMap { market in
      Self.formats.flatMap { format in
        let variant = "@format=\(format),market=\(market)"
        return runs.flatMap { ["branded\(variant)#\($0)", "spot\(variant)#\($0)"] } + ["spot\(variant)"]
      }
    }
  }

  /// An edited Arabic headline composites and encodes that market's films.
  private func headline(of example: Workspace) throws {
    let before = try Self.films.map(example.bytes)
    let markets = try example.text("markets.csv")
    let headline = try #require(markets.split(separator: "\n").last?.split(separator: ",")[2])
    try example.edit("markets.csv", String(headline), to: "برودة الجبال")
    #expect(try example.buildAndListRun() == making(Self.runs, of: ["ar-AE"]).sorted())
    let after = try Self.films.map(example.bytes)
    #expect(zip(before, after).map { $0 == $1 } == [false, false, true, true])
    try example.write("markets.csv", markets)
    #expect(try example.buildAndListRun() == [])
  }

  /// The tagline is seen on the end card only: the other frames are not made again, and stay what they were.
  private func tagline(of example: Workspace) throws {
    let film = Self.films[2]
    let before = try frames(of: film, in: example)
    let markets = try example.text("markets.csv")
    try example.edit("markets.csv", "Sparkling water from the snowline", to: "Cold from the snowline")
    #expect(try example.buildAndListRun() == making(["100-149"], of: ["en-GB"]).sorted())
    let after = try frames(of: film, in: example)
    let changed = zip(before, after).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    #expect(before.count == 150 && after.count == 150 && !changed.isEmpty)
    #expect(changed.allSatisfy { $0 >= 100 })
    try example.write("markets.csv", markets)
    #expect(try example.buildAndListRun() == [])
  }

  /// The digest of every decoded frame.
  private func frames(of film: String, in example: Workspace) throws -> [String] {
    let decoding = try Running(
      "ffmpeg", ["-v", "error", "-xerror", "-i", film, "-f", "framemd5", "-"], in: example.path
    ).wait()
    #expect(decoding.status == 0 && decoding.errors.isEmpty, "\(decoding)")
    return decoding.output.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      String($0.split(separator: ",").last!)
    }
  }

  /// An edited second shot leaves the keyframes and the footage of the others alone.
  private func shot(of example: Workspace) throws {
    let campaign = try example.text("campaign.yaml")
    try example.edit("campaign.yaml", "prompt: orbit left", to: "prompt: pan right")
    let films = making(["50-99"], of: Self.markets)
    let pictures = ["keyframes", "footage", "master"].flatMap { node in
      Self.formats.map { "\(node)@format=\($0)#2" }
    }
    #expect(try example.buildAndListRun() == (["prompts"] + pictures + films).sorted())
    try example.write("campaign.yaml", campaign)
    #expect(try example.buildAndListRun() == [])
  }

  /// A comment and another order of the keys run nothing.
  private func cosmetics(of example: Workspace) throws {
    try example.edit(
      "campaign.yaml", "  seed: 10\n  logo: logo.png\n", to: "  logo: logo.png   # white\n  seed: 10\n")
    #expect(try example.buildAndListRun() == [])
  }

  /// What a platform asks of a film, as ffprobe and ffmpeg see it.
  private func expectDeliverable(_ film: String, in example: Workspace) throws {
    let probe = try Running(
      "ffprobe", ["-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", film],
      in: example.path
    ).wait()
    let json = try JSON(parsing: probe.output)
    let streams = try #require(json["streams"]?.array)
    #expect(streams.count == 1)
    let isWide = film.contains("16x9")
    for (name, value) in [
      "codec_name": "h264", "profile": "High", "pix_fmt": "yuv420p", "color_range": "tv",
      "color_space": "bt709",
      "color_transfer": "bt709", "color_primaries": "bt709", "r_frame_rate": "25/1", "avg_frame_rate": "25/1",
      "field_order": "progressive", "nb_read_frames": "150", "duration": "6.000000",
    ] {
      #expect(streams[0][name]?.string == value, "\(name) of \(film)")
    }
    #expect(streams[0]["width"]?.integer == (isWide ? 1920 : 1080))
    #expect(streams[0]["height"]?.integer == (isWide ? 1080 : 1920))
    let bytes = try example.bytes(film)
    let index = try #require(bytes.firstRange(of: Array("moov".utf8)))
    let frames = try #require(bytes.firstRange(of: Array("mdat".utf8)))
    #expect(index.lowerBound < frames.lowerBound, "the index stands first, so that a film can be streamed")
    // Something is seen, and moves, until the end card comes.
    let watched = try Running(
      "ffmpeg",
      [
        "-hide_banner", "-t", "4", "-i", film, "-vf", "blackdetect=d=0.1,freezedetect=d=0.5", "-f", "null",
        "-",
      ],
      in: example.path
    ).wait()
    #expect(watched.status == 0)
    #expect(!watched.errors.contains("black_start") && !watched.errors.contains("freeze_start"), "\(watched)")
  }
}
