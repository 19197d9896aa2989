// The builds of a store that ran something.

import ReelStage

extension Store {
  /// The last runs that ran or failed something, the latest first.
  public func history() throws(StoreError) -> [PastRun] { try index.runs() }

  /// What became of a run's actions, as `build --json` writes it; those that were found in the store are left out.
  public func records(of run: PastRun) throws(StoreError) -> [JSON] { try index.records(of: run.number) }
}
