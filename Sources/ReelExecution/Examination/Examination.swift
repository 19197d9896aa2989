// Looking over a machine for what keeps campaigns from being built: `reel doctor`.

import Glibc
import ReelModels
import ReelPlanning
import ReelStage
import ReelTensor

/// Everything that was found, in the order in which it is told.
public struct Examination {
  public private(set) var findings: [Finding] = []

  /// Looks at the installation, the machine, and the store of the campaign in `request`, which need not be there.
  public init(_ request: Campaign.Request) throws {
    let home = Installation.folder
    findings.append(
      .ok("reel", "\(reelVersion), plugin SDK \(CompiledVersions.here.sdk), in \(home)"))
    findings += [Self.runtime, Self.core, Self.sdk, Self.processor, Self.memory]
    // With a level that the machine lacks every stage would fail, whatever else is right.
    findings += try StageTrial.findings(
      pluginFolders: request.pluginFolders, triesStages: Self.processor.state != .error)
    findings += Self.models
    findings += [Self.cron, Self.timeZone, Self.store(request), Self.disk(request.folder)]
  }

  public func count(_ state: Finding.State) -> Int { findings.count { $0.state == state } }

  // MARK: The installation

  private static let again = "install reel again"

  private static var runtime: Finding {
    guard let path = Installation.library("libswiftCore.so") else {
      return .ok("Swift runtime", "part of the program")
    }
    return .ok("Swift runtime", path)
  }

  private static var core: Finding {
    guard let path = Installation.core else {
      return Finding("core library", .error, "\(Installation.coreFile) is not loaded", cure: again)
    }
    return .ok("core library", path)
  }

  private static var sdk: Finding {
    do throws(InstallationError) {
      _ = try PluginSDK()
      return .ok("plugin SDK", "'reel sdk' tells the compiler's options")
    } catch {
      return Finding("plugin SDK", .warning, "\(error)", cure: "only who writes plugins needs it; \(again)")
    }
  }

  // MARK: The machine

  /// The level is asked for by name, since a wrong one ends the process where it is first used.
  private static var processor: Finding {
    let levels = CPULevel.supported
    let names = levels.map(\.rawValue).joined(separator: ", ")
    let cores = "\(availableCores) cores, instructions up to \(levels.last!.rawValue)"
    let wanted = getenv("REEL_CPU").map { String(cString: $0) } ?? ""
    if wanted.isEmpty { return .ok("processor", cores) }
    guard let level = CPULevel(rawValue: wanted), level.isSupported else {
      return Finding(
        "processor", .error, "REEL_CPU is '\(wanted)', and this machine has \(names)",
        cure: "unset REEL_CPU, or set it to one of them")
    }
    if level == levels.last! { return .ok("processor", "\(cores), as REEL_CPU says") }
    return Finding(
      "processor", .warning, "\(cores), held down to \(wanted) by REEL_CPU",
      cure: "unset REEL_CPU for full speed")
  }

  private static var memory: Finding {
    let (total, available) = OperatingSystem.machineMemory
    let found = "\(total), \(available) of them free"
    guard available.bytes < 2_000_000_000 else { return .ok("memory", found) }
    return Finding(
      "memory", .warning, found, cure: "close other programs, or build with -j1: an HD film wants 2 GB")
  }

  private static var timeZone: Finding {
    let variable = getenv("TZ").map { String(cString: $0) } ?? ""
    let file = FileSystem.realPath("/etc/localtime") ?? ""
    let zone =
      !variable.isEmpty
      ? "\(variable), as TZ says"
      : file.firstRange(of: "/zoneinfo/").map { String(file[$0.upperBound...]) } ?? "UTC"
    // 2024-01-01.
    guard fileClock() > 1_704_067_200_000_000_000 else {
      return Finding(
        "clock", .error, "the clock is years behind, in the time zone \(zone)", cure: "set the clock")
    }
    return .ok("clock", "time zone \(zone); cron's times are in it")
  }

  private static var cron: Finding {
    let cure = "only 'reel schedule' needs it; "
    let folders = getenv("PATH").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []
    guard folders.contains(where: { access("\($0)/crontab", X_OK) == 0 }) else {
      return Finding("cron", .warning, "no crontab(1)", cure: cure + "install Debian's package 'cron'")
    }
    let processes = (try? FileSystem.names(in: "/proc")) ?? []
    let isRunning = processes.contains { process in
      guard process.utf8.allSatisfy({ (48...57).contains($0) }),
        let name = try? FileSystem.read("/proc/\(process)/comm", limit: 100)
      else { return false }
      return ["cron\n", "crond\n"].contains(String(decoding: name, as: UTF8.self))
    }
    guard isRunning else {
      return Finding(
        "cron", .warning, "installed, but not running", cure: cure + "start it: 'service cron start'")
    }
    return .ok("cron", "running")
  }

  // MARK: Models, store and disk

  private static var models: [Finding] {
    let names = ModelFolders.names
    if names.isEmpty {
      return [
        Finding(
          "models", .error, "none",
          cure: "\(again), or put diffusers directories into a folder that REEL_MODELS names")
      ]
    }
    return names.compactMap { name in
      guard let directory = ModelFolders.directory(of: name) else { return nil }
      do throws(ModelError) {
        if SuperResolution.isFolder(directory) {
          // Its weights are laid out for the processor, of which a wrong level has been told.
          if processor.state != .error { _ = try SuperResolution(path: directory) }
        } else {
          _ = try DiffusionModel(directory: directory)
        }
      } catch {
        return Finding("model \(name)", .warning, "\(error)", cure: "copy it again: all of its directory")
      }
      let files = (try? ModelFolders.files(in: directory, matching: ["**"])) ?? []
      let bytes = files.reduce(0) { $0 + ((try? FileIdentity(path: "\(directory)/\($1)").size) ?? 0) }
      return .ok("model \(name)", "\(ByteCount(bytes)) in \(directory)")
    }
  }

  private static func store(_ request: Campaign.Request) -> Finding {
    let folder = request.storeFolder
    guard FileSystem.exists(folder) else {
      return .ok(
        "store", FileSystem.exists(request.file) ? "\(folder): none yet" : "no campaign in this folder")
    }
    guard access(folder, W_OK) == 0 else {
      return Finding(
        "store", .error, "\(folder): \(FileError.reason(errno))",
        cure: "make it yours: 'chown -R $USER \(folder)'")
    }
    do {
      let store = try Store(reading: folder)
      let statistics = try store.statistics()
      let found = "\(folder): \(statistics.actions) actions, \(ByteCount(statistics.bytes))"
      guard !store.lostIndex else {
        return Finding(
          "store", .warning, "\(folder): its index was damaged and begun anew", cure: "build again")
      }
      return .ok("store", found)
    } catch {
      return Finding("store", .error, "\(error)", cure: "'reel clean --store' begins it anew")
    }
  }

  private static func disk(_ folder: String) -> Finding {
    guard let free = OperatingSystem.freeBytes(in: folder) else {
      return Finding(
        "disk", .error, "\(folder): \(FileError.reason(errno))", cure: "go to a folder that is there")
    }
    let found = "\(ByteCount(free)) free in \(FileSystem.realPath(folder) ?? folder)"
    if free >= 5_000_000_000 { return .ok("disk", found) }
    return Finding(
      "disk", free < 500_000_000 ? .error : .warning, found,
      cure:
        "make room: a campaign of HD films wants a few gigabytes; 'reel cache stats' tells what the store takes"
    )
  }
}
