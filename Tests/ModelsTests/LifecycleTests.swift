import Models
import Testing

@Suite("The life of a case")
struct LifecycleTests {
    @Test("has one row for each step, and one step for each event")
    func rows() {
        #expect(Lifecycle.transitions.count == CaseStep.allCases.count)
        #expect(Set(Lifecycle.transitions.map(\.step)) == Set(CaseStep.allCases))
        #expect(Set(Lifecycle.transitions.map(\.event)).count == Lifecycle.transitions.count)
        for row in Lifecycle.transitions {
            #expect(EventType(row.event) != nil, "\(row.event)")
            #expect(!row.from.isEmpty && !row.actors.isEmpty && row.to.map { !row.from.contains($0) || row.step == .reassign } ?? true)
        }
    }

    @Test("lets exactly those take a step who stand in its row, at the stages that stand there, and refuses all others in a sentence")
    func everyCombination() {
        var allowed = 0
        for step in CaseStep.allCases {
            for stage in Stage.allCases {
                for role in Role.allCases {
                    for standing in Standing.allCases {
                        let row = Lifecycle.transition(step)
                        let mayAct = row?.actors.contains(.init(role, standing)) ?? false
                        do throws(StepRefusal) {
                            let found = try Lifecycle.judge(step, at: stage, by: role, standing)
                            allowed += 1
                            #expect(found == row && mayAct && found.from.contains(stage))
                        } catch {
                            #expect(!mayAct || row?.from.contains(stage) == false)
                            #expect(error.rule == (mayAct ? .wrongStage : .wrongActor))
                            #expect(
                                error.description.hasPrefix(step.phrase)
                                    && error.description.contains(mayAct ? stage.name.en : role.name.en))
                            if let article = row?.articles.first { #expect(error.description.contains("\(article)")) }
                        }
                    }
                }
            }
        }
        #expect(allowed == Lifecycle.transitions.reduce(0) { $0 + $1.from.count * $1.actors.count })
    }

    @Test("leads from registration to every stage, and from every open stage on without the petitioner")
    func reaches() {
        func next(_ stage: Stage, _ isTaken: (Transition) -> Bool = { _ in true }) -> [Stage] {
            Lifecycle.transitions.filter { $0.from.contains(stage) && isTaken($0) }.compactMap(\.to)
        }
        var (seen, waiting) = (Set([Stage.registered]), [Stage.registered])
        while let stage = waiting.popLast() {
            for found in next(stage) where seen.insert(found).inserted { waiting.append(found) }
        }

        #expect(seen == Set(Stage.allCases))
        for stage in Stage.allCases where !stage.isFinal {
            #expect(!next(stage) { $0.actors.contains { $0.role != .petitioner } }.isEmpty, "nobody of the county can go on from \(stage)")
        }
        #expect(next(.terminated).isEmpty)
        #expect(Set(next(.closed)) == [.assigned, .underReview, .underFinalReview])
        #expect(Set(next(.withdrawn)) == [.assigned] && next(.merged) == [.registered])
    }

    @Test("gives a petitioner the steps of a petitioner only, and an auditor and a subscriber none")
    func people() {
        let byRole = Dictionary(grouping: Lifecycle.transitions.flatMap { row in row.actors.map { ($0.role, row.step) } }) { $0.0 }
            .mapValues { Set($0.map(\.1)) }

        #expect(byRole[.petitioner] == [.addMaterial, .withdraw, .rate, .requestReview, .requestFinalReview])
        for role in [Role.auditor, .subscriber] { #expect(byRole[role] == nil) }
        #expect(byRole[.administrator] == [.succeed, .rebaseClocks])
        #expect(byRole.filter { $0.value.contains(.succeed) || $0.value.contains(.rebaseClocks) }.keys.elementsEqual([.administrator]))
        for row in Lifecycle.transitions { #expect(row.actors.allSatisfy { ($0.role == .petitioner) == ($0.standing == .petitioner) }) }
    }
}
