// A bad disk, a full one, one that may only be read, a clock that is wrong: no wrong film, and a clear word.

import Glibc
import Testing

@Suite struct DamageTests {
  private let workspace: Workspace
  private static let shots = (1...40).map { "s\($0)" }

  init() throws {
    workspace = try Workspace()
    workspace.plugins = [try FastStages.folder()]
    try workspace.write("campaign.yaml", fastCampaign(shots: Self.shots))
  }

  /// The paths of all blobs, ascending.
  private func blobs() throws -> [String] {
    try names(in: workspace.path + "/.reel/blobs").flatMap { folder in
      try names(in: "\(workspace.path)/.reel/blobs/\(folder)").map { ".reel/blobs/\(folder)/\($0)" }
    }
  }

  private func flip(_ bit: Int, of name: String) throws {
    var bytes = try workspace.bytes(name)
    bytes[bit / 8] ^= 1 << (bit % 8)
    _ = chmod("\(workspace.path)/\(name)", 0o644)
    try workspace.write(name, bytes)
  }

  @Test("fifty bit flips in blobs are all found by verify, named, dropped, and the results made again")
  func flippedBlobs() throws {
    _ = try workspace.buildAndListRun()
    let blobs = try blobs()
    // 40 shots, 40 with a text, the film.
    try #require(blobs.count == 81)
    var generator = SystemRandomNumberGenerator()
    let hit = blobs.shuffled(using: &generator).prefix(50)
    for name in hit {
      try flip(Int.random(in: 0..<(try workspace.bytes(name)).count * 8, using: &generator), of: name)
    }
    let names = Set(hit.map { $0.split(separator: "/").suffix(2).joined() })
    let found = try workspace.reel("cache", "verify")
    #expect(found.status == 1)
    #expect(Set(damaged(found.output)) == names)
    #expect(found.output.hasSuffix("31 sound, 50 damaged, 0 missing\n"))
    let repaired = try workspace.reel("cache", "verify", "--repair")
    #expect(repaired.status == 0)
    #expect(Set(damaged(repaired.output)) == names)
    // Nor is anything left that speaks of what is gone.
    #expect(try workspace.reel("cache", "verify").output == "31 sound, 0 damaged, 0 missing\n")
    try #require(unlink(workspace.path + "/renders/fast.txt") == 0)
    _ = try workspace.buildAndListRun()
    #expect(try workspace.text("renders/fast.txt") == fastFilm(shots: Self.shots))
  }

  /// The digests that verify names: "damaged: DIGEST", "damaged, dropped: DIGEST".
  private func damaged(_ output: String) -> [String] {
    output.split(separator: "\n").filter { $0.hasPrefix("damaged") }
      .map { String($0.split(separator: " ").last ?? "") }
  }

  @Test("bit flips in blobs that a build reads are found by it, named, and made again") func flippedInputs()
    throws
  {
    _ = try workspace.buildAndListRun()
    for name in try blobs() { try flip(3, of: name) }
    try workspace.edit(
      "campaign.yaml", "{stage: shot-join, in: {frames: work}}",
      to: "{stage: shot-join, in: {frames: work}, with: {title: T}}")
    let build = try workspace.reel("build")
    #expect(build.status == 0, "\(build)")
    #expect(build.errors.contains(" was damaged; removed, to be made again\n"))
    #expect(try workspace.text("renders/fast.txt") == "T" + fastFilm(shots: Self.shots))
  }

  /// All files of the store that hold anything.
  private func storeFiles() throws -> [String] {
    try blobs() + (try names(in: workspace.path + "/.reel/snapshots").map { ".reel/snapshots/\($0)" })
      + [".reel/index.sqlite"]
  }

  private static let rounds = getenv("REEL_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 50

  @Test(
    "a bit flip in any file of the store is found by the next build or verify, and named; what it hit is made again"
  )
  func flippedStore() throws {
    // What is read just after it was written would make a new snapshot; here the second build is to patch it.
    pause(milliseconds: 50)
    _ = try workspace.buildAndListRun()
    try #require(unlink(workspace.path + "/renders/fast.txt") == 0)
    _ = try workspace.buildAndListRun()
    let whole = try Dictionary(uniqueKeysWithValues: storeFiles().map { ($0, try workspace.bytes($0)) })
    try #require(whole.count == 85, "\(whole.keys.sorted())")
    let kinds = [
      whole.keys.filter { $0.contains("/blobs/") }, whole.keys.filter { $0.contains("/snapshots/") },
      [".reel/index.sqlite"],
    ]
    let history = try workspace.reel("history", "--json").output
    var generator = SystemRandomNumberGenerator()
    for round in 0..<Self.rounds {
      removeTree(workspace.path + "/.reel")
      for (name, bytes) in whole { try workspace.write(name, bytes) }
      let name = kinds[round % 3].randomElement(using: &generator)!
      let bit = Int.random(in: 0..<whole[name]!.count * 8, using: &generator)
      try flip(bit, of: name)
      let hit = "round \(round): bit \(bit) of \(name)"
      let verified = try workspace.reel("cache", "verify")
      if verified.status == 1 {
        let named = name.contains("/blobs/") ? name.split(separator: "/").suffix(2).joined() : name
        let entry = name.hasSuffix("index.sqlite") && verified.output.contains("the entry of action ")
        #expect(verified.output.contains(named) || entry, "\(hit): \(verified)")
      } else {
        // A bit that says nothing: the index keeps room for rows to come.
        #expect(verified.status == 0 && name.hasSuffix("index.sqlite"), "\(hit): \(verified)")
        #expect(try workspace.reel("history", "--json").output == history, "\(hit)")
      }
      let repaired = try workspace.reel("cache", "verify", "--repair")
      #expect(repaired.status == 0, "\(hit): \(repaired)")
      #expect(try workspace.reel("cache", "verify").status == 0, "\(hit)")
      let build = try workspace.reel("build")
      #expect(build.status == 0, "\(hit): \(build)")
      #expect(try workspace.text("renders/fast.txt") == fastFilm(shots: Self.shots), "\(hit)")
    }
  }

  @Test("bit flips in the index never give a wrong film")
  func flippedIndex() throws {
    _ = try workspace.buildAndListRun()
    let index = try workspace.bytes(".reel/index.sqlite")
    var generator = SystemRandomNumberGenerator()
    for round in 0..<25 {
      var bytes = index
      let bit = Int.random(in: 0..<bytes.count * 8, using: &generator)
      bytes[bit / 8] ^= 1 << (bit % 8)
      for suffix in ["-wal", "-shm"] { unlink(workspace.path + "/.reel/index.sqlite" + suffix) }
      try workspace.write(".reel/index.sqlite", bytes)
      let verified = try workspace.reel("cache", "verify")
      #expect(verified.status == 0 || verified.status == 1, "bit \(bit): \(verified)")
      #expect(try workspace.bytes(".reel/index.sqlite") == bytes, "verify only tells")
      try #require(unlink(workspace.path + "/renders/fast.txt") == 0)
      let build = try workspace.reel("build")
      #expect(build.status == 0, "round \(round), bit \(bit): \(build)")
      #expect(try workspace.text("renders/fast.txt") == fastFilm(shots: Self.shots), "bit \(bit)")
    }
  }

  @Test("a flipped letter in an action's entry is named by the next build, which runs that action again")
  func flippedEntry() throws {
    try workspace.write("campaign.yaml", fastCampaign(text: "unmistakable"))
    _ = try workspace.buildAndListRun()
    var bytes = try workspace.bytes(".reel/index.sqlite")
    // In the explanation of every action of 'work': no key depends on it, but its seal does.
    let places = bytes.indices.dropLast(12).filter { bytes[$0..<$0 + 12].elementsEqual("unmistakable".utf8) }
    try #require(!places.isEmpty)
    for place in places { bytes[place] ^= 1 }
    try workspace.write(".reel/index.sqlite", bytes)
    let verified = try workspace.reel("cache", "verify")
    #expect(verified.status == 1)
    #expect(verified.output.contains("damaged: the entry of action "))
    let (build, records) = try workspace.build()
    #expect(build.status == 0)
    #expect(
      build.errors.split(separator: "\n").filter {
        $0.hasPrefix(".reel/index.sqlite: the entry of action ") && $0.hasSuffix(" was damaged; dropped")
      }.count == 3, "\(build)")
    #expect(
      records.filter { $0.status == "ran" }.map(\.description).sorted() == ["work#1", "work#2", "work#3"])
  }

  @Test("an evicted blob is a miss: only what is needed is made again") func evicted() throws {
    try workspace.write("campaign.yaml", fastCampaign())
    _ = try workspace.buildAndListRun()
    let collected = try workspace.reel("cache", "gc", "--max-age", "0s", "-n")
    #expect(collected.output.hasPrefix("would drop 5 actions, 7 blobs, "))
    #expect(try workspace.buildAndListRun() == [])
    #expect(
      try workspace.reel("cache", "gc", "--max-size", "1B").output.hasPrefix("dropped 5 actions, 7 blobs, "))
    #expect(try blobs() == [])
    #expect(try workspace.buildAndListRun().count == 5)
  }

  @Test("times in the future or the past, as after a clock was set, never hide a change") func clock() throws
  {
    try workspace.write("claim.txt", "one ")
    try workspace.write(
      "campaign.yaml", fastCampaign(shots: ["a"]).replacing("text: hello", with: "file: claim.txt"))
    _ = try workspace.buildAndListRun()
    for (number, moment) in [4_000_000_000, 1, 4_000_000_000, 1_000_000_000].enumerated() {
      try workspace.write("claim.txt", "\(number)ne ")
      for name in ["claim.txt", "campaign.yaml", ".reel/index.sqlite", "renders/fast.txt"] {
        var times = [timespec(tv_sec: moment, tv_nsec: 0), timespec(tv_sec: moment, tv_nsec: 0)]
        try #require(utimensat(AT_FDCWD, "\(workspace.path)/\(name)", &times, 0) == 0)
      }
      #expect(try workspace.buildAndListRun() == ["film", "work#1"])
      #expect(try workspace.text("renders/fast.txt") == "\n \(number)ne a\n")
      #expect(try workspace.buildAndListRun() == [])
    }
  }

  /// Whether this test may mount file systems: they are gone with its process's namespace.
  private static let canMount: Bool = {
    let trial = try? Running("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"], in: "/").wait()
    return trial?.status == 0
  }()

  /// Runs a script in a mount namespace of its own.
  private func script(_ text: String) throws -> Finished {
    try workspace.write("script.sh", text)
    return try Running(
      "unshare", ["--mount", "bash", "-eu", "script.sh", Built.reel], in: workspace.path,
      environment: ["REEL_PLUGINS": workspace.plugins.joined(separator: ":")]
    ).wait()
  }

  @Test(
    "a full disk is one line and exit code 1, leaves no half film, and the next build with room succeeds",
    .enabled(if: canMount, "only root may mount a small file system"))
  func fullDisk() throws {
    let finished = try script(
      """
      mkdir disk
      mount -t tmpfs -o size=4m none disk
      cp campaign.yaml disk
      "$1" build -C disk shots -q
      for left in 0 4 16 64; do
        rm -f disk/filler
        dd if=/dev/zero of=disk/filler bs=1024 2>/dev/null || true
        truncate -s "-$left"K disk/filler
        status=0
        # One action at a time: each that runs when the disk fills up says so.
        "$1" build -C disk -q -j1 2>errors || status=$?
        printf '%s\\n' "left $left: status $status, $(wc -l <errors) lines, $(ls disk/renders 2>/dev/null | wc -l) films"
        cat errors
      done
      rm disk/filler
      "$1" build -C disk -q
      "$1" cache verify -C disk >&2
      cat disk/renders/fast.txt >film.txt
      ls disk/.reel/tmp
      """)
    #expect(finished.status == 0, "\(finished)")
    let lines = finished.output.split(separator: "\n")
    var checked = 0
    for line in lines where line.hasPrefix("left ") {
      #expect(
        line.hasSuffix("status 1, 1 lines, 0 films") || line.hasSuffix("status 1, 2 lines, 0 films")
          || line.contains("status 0, 0 lines, 1 films"), "\(finished)")
      checked += 1
    }
    #expect(checked == 4)
    #expect(lines.first == "left 0: status 1, 1 lines, 0 films")
    #expect(lines.dropFirst().first?.contains("no space left on device") == true, "\(finished)")
    #expect(try workspace.text("film.txt") == fastFilm(shots: Self.shots))
  }

  @Test(
    "on a disk without one free byte, reading commands work and gc makes room",
    .enabled(if: canMount, "only root may mount a small file system"))
  func emptyingFullDisk() throws {
    let finished = try script(
      """
      mkdir disk
      mount -t tmpfs -o size=4m none disk
      cp campaign.yaml disk
      "$1" build -C disk -q
      dd if=/dev/zero of=disk/filler bs=1024 2>/dev/null || true
      "$1" cache stats -C disk | head -1
      "$1" history -C disk | cut -c1
      "$1" plan -C disk | tail -1
      "$1" cache verify -C disk | tail -1
      "$1" cache gc -C disk --max-size 1B | cut -d, -f1
      rm disk/filler
      "$1" cache stats -C disk | head -1
      "$1" build -C disk -q
      dd if=/dev/zero of=disk/filler bs=1024 2>/dev/null || true
      "$1" clean -C disk --store | tail -1
      """)
    #expect(
      finished.output == """
        .reel: 42 actions
        1
        0 would run, 0 wait, 42 cached
        81 sound, 0 damaged, 0 missing
        dropped 42 actions
        .reel: 0 actions
        removed .reel

        """, "\(finished)")
    #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished)")
  }

  @Test(
    "an output's folder may be a mount of the same file system",
    .enabled(if: canMount, "only root may mount a folder"))
  func mountedOutputs() throws {
    let finished = try script(
      """
      mkdir renders
      mount --bind renders renders
      "$1" build -q
      cat renders/fast.txt
      ls -A renders
      mount -o remount,ro,bind renders
      status=0
      sed -i 's/{frames: work}/{frames: work}, with: {title: T}/' campaign.yaml
      "$1" build >told 2>errors || status=$?
      echo "$status"
      cat errors
      tail -1 told | sed 's/.*; //'
      """)
    #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished)")
    #expect(
      finished.output == fastFilm(shots: Self.shots) + """
        fast.txt
        1
        ./renders/fast.txt: cannot write: read-only file system
        0 outputs, 0 written, 1 could not be

        """, "\(finished)")
  }

  @Test("a damaged index is told of, not taken for an empty store") func lostIndex() throws {
    _ = try workspace.buildAndListRun()
    for name in try names(in: workspace.path + "/.reel") where name.hasPrefix("index.sqlite") {
      try workspace.write(".reel/" + name, "junk")
    }
    let message =
      ".reel/index.sqlite: was damaged; what it knew of results is lost, and a build makes them again\n"
    for words in [
      ["plan"], ["build", "-n"], ["cache", "stats"], ["history"], ["cache", "gc", "-n"], ["cache", "gc"],
    ] {
      let told = try Running(
        Built.reel, words, in: workspace.path, environment: ["REEL_PLUGINS": workspace.plugins[0]]
      ).wait()
      #expect(told.status == 0 && told.errors == message, "\(words): \(told)")
    }
  }

  @Test(
    "on a disk that may only be read, reading commands work and building says that it cannot",
    .enabled(if: canMount, "only root may mount a file system to read it only"))
  func readOnly() throws {
    try workspace.write("campaign.yaml", fastCampaign())
    // What a build reads right after it was written, the next one looks at closely, and that takes a store to write.
    pause(milliseconds: 50)
    _ = try workspace.buildAndListRun()
    let finished = try script(
      """
      mount --bind . /mnt
      mount -o remount,ro,bind /mnt
      cd /mnt
      "$1" plan | tail -1
      "$1" explain film | head -1
      "$1" cache stats | head -1
      "$1" cache verify | tail -1
      "$1" history | cut -c1
      "$1" cache gc -n --max-size 1B | cut -c1-20
      for words in 'build -q' 'build -qB' 'cache gc' clean 'cache verify --repair'; do
        status=0
        "$1" $words || status=$?
        echo "$words: $status"
      done
      """)
    #expect(
      finished.output == """
        0 would run, 0 wait, 5 cached
        film (shot-join)
        .reel: 5 actions
        7 sound, 0 damaged, 0 missing
        1
        would drop 5 actions
        build -q: 0
        build -qB: 1
        cache gc: 1
        clean: 1
        cache verify --repair: 1

        """, "\(finished)")
    let line =
      ".reel: cannot write to the store: read-only file system; 'reel plan' and other commands that only read "
      + "still work\n"
    #expect(finished.errors == line + line + line + line, "\(finished)")
  }

  @Test("what stands in the store's place is named, with what to do about it") func blocked() throws {
    let message = "is no folder, and the store needs one there; move it out of the way\n"
    try workspace.write(".reel", "a note")
    #expect(try workspace.reel("plan").status == 0)
    #expect(try workspace.reel("build").errors == ".reel: " + message)
    #expect(try workspace.text(".reel") == "a note")
    #expect(unlink(workspace.path + "/.reel") == 0)
    #expect(symlink("nowhere", workspace.path + "/.reel") == 0)
    #expect(try workspace.reel("build").errors == ".reel: " + message)
    #expect(unlink(workspace.path + "/.reel") == 0)
    try workspace.write(".reel/blobs", "")
    let finished = try workspace.reel("build")
    #expect(finished.status == 1 && finished.errors == ".reel/blobs: " + message, "\(finished)")
  }

  @Test("what one user of a shared folder writes, the group may read and write as its umask says")
  func shared()
    throws
  {
    let finished = try Running(
      "bash",
      [
        "-c",
        "umask 002; \"$0\" build -q && find .reel renders ! -perm -g+r -o ! -path '*/blobs/*/*' ! -perm -g+w",
        Built.reel,
      ], in: workspace.path, environment: ["REEL_PLUGINS": workspace.plugins.joined(separator: ":")]
    ).wait()
    #expect(finished.status == 0 && finished.output.isEmpty, "\(finished)")
  }
}
