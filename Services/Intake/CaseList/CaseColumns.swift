import Models

/// What the columns of `cases` say of a case file besides stage and unit, for lists to look for.
struct CaseColumns: Equatable {
    /// The topic now.
    var topic: String?
    /// The earliest date of a clock that is owed, not a mere right; nil when none is.
    var due: Instant?
    /// Who may know of a confidential case, as `CaseSight` names them; nil for every other case.
    var circle: [String]?
    /// The units besides the accountable one that work on the case; nil when there are none.
    var parts: [String]?

    init(_ file: CaseFile) {
        let life = file.life
        topic = file.topic?.text
        due = life.stage.isFinal ? nil : file.clocks.filter { $0.isOwed && $0.unit == nil }.map(\.due).min()
        let others = Set(life.handlers).subtracting([life.lead]).map(\.text).sorted()
        parts = others.isEmpty ? nil : others
        guard life.isConfidential else { return }
        circle = [life.lead.text] + others + [CaseSight.desk(life.desk)] + [life.leader.map(CaseSight.leader)].compactMap { $0 }
    }

    /// A list as PostgreSQL writes an array; codes hold nothing that wants quotes.
    static func array(_ texts: [String]?) -> String? { texts.map { "{" + $0.joined(separator: ",") + "}" } }
}

extension CaseLife {
    /// Whether other units than the accountable one ever had a part in the case.
    var hasParts: Bool { !coHandlers.isEmpty || !assistance.isEmpty || reviewer != nil }
}
