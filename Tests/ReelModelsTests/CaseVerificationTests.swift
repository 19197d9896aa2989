// Every recorded run of the reference, part by part.

import ReelModels
import Testing

@Suite struct CaseVerificationTests {
  @Test(arguments: Fixtures.cases.map(\.name))
  func everyPartIsWithinItsTolerance(name: String) throws {
    let model = try #require(Fixtures.cases.first { $0.name == name }).model
    let verification = try CaseVerification(
      of: DiffusionModel(directory: model), case: Fixtures.caseFile(name), threads: 2)
    for part in verification.parts {
      #expect(part.isPassed, "\(name): \(part.name) \(part.error)")
      print(name, part.name, part.tolerance, part.error)
    }
    #expect(verification.isPassed)
    #expect(verification.unused == [])
    print(verification.skipped, verification.unused)
  }
}
