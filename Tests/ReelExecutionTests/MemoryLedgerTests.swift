// What is promised of the memory to several actions at work.

import ReelExecution
import ReelModels
import ReelStage
import ReelTensor
import Testing

@Suite struct MemoryLedgerTests {
  private func claim(_ memory: Double, mapped: Double = 0, model: String? = nil) -> MemoryLedger.Claim {
    MemoryLedger.Claim(
      ActionEstimate(operations: 1, memory: memory, mapped: mapped),
      model: model.map { ModelCache(files: DerivedFiles(folder: "/derived"), digests: ["/model": $0]) })
  }

  @Test("the only action always fits: waiting would bring nothing") func alone() {
    #expect(MemoryLedger.fits(claim(100), beside: [], free: 1))
  }

  @Test("what others will still take is not free") func growth() {
    // 10 are free, of which the other will take 4 more.
    #expect(MemoryLedger.fits(claim(6), beside: [(claim(5), 1)], free: 10))
    #expect(!MemoryLedger.fits(claim(7), beside: [(claim(5), 1)], free: 10))
    // One that took more than it said has nothing more to come.
    #expect(MemoryLedger.fits(claim(10), beside: [(claim(5), 50)], free: 10))
  }

  @Test("pages of one model count once, those of two models twice") func mapped() {
    let other = (claim(1, mapped: 5, model: "a"), 1.0)
    #expect(MemoryLedger.fits(claim(1, mapped: 6, model: "a"), beside: [other], free: 7))
    #expect(!MemoryLedger.fits(claim(1, mapped: 6, model: "b"), beside: [other], free: 7))
    #expect(MemoryLedger.fits(claim(1, mapped: 6, model: "b"), beside: [other], free: 12))
    #expect(!MemoryLedger.fits(claim(1, mapped: 6), beside: [(claim(1, mapped: 6), 1)], free: 12))
  }

  @Test("an action waits until another gives its memory back, and says so once") func waiting() throws {
    let folder = try TemporaryFolder()
    let worker = try WorkerProcess(
      executable: folder.script("worker", "read -u 3 -t 60"), plugin: "libBlur.so", stage: "blur")
    let ledger = MemoryLedger()
    ledger.promise(claim(1e15), to: worker, number: 1) { Issue.record("nothing is at work") }
    var told = 0
    ledger.promise(claim(1e15), to: worker, number: 2) {
      told += 1
      ledger.free(1)
    }
    #expect(told == 1)
    // Interrupted runs wait for nothing.
    ledger.promise(claim(1e15), to: worker, number: 3) { ledger.close() }
  }
}
