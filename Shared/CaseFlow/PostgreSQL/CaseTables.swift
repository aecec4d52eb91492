import Models
import Postgres

/// The SQL that a service contributes: how its states and effects are loaded and saved, always for a whole batch.
public protocol CaseTables<State, Effect>: Sendable {
    associatedtype State: Sendable
    associatedtype Effect: Sendable

    /// Selects the states of `subjects`, one row each, the subject first.
    func selection(of subjects: [Subject]) -> SQL

    /// Reads a row of that selection.
    func state(from row: PostgresRow) throws -> State

    /// The county version that the case of `state` began under, whose definition its process looks up.
    func county(of state: State) -> String

    /// The statements that store a batch: at most one for each table.
    ///
    /// - Parameter rows: Whether there are rows of the states already.
    func statements(saving states: [(subject: Subject, state: State)], _ rows: StateRows, effects: [Effect]) throws -> [SQL]

    /// The cases that time alone makes due, the one that waits longest first: what follows `FROM case_clock k` in a query for their
    /// subjects, up to its order. Nil for a service in which nothing becomes due.
    var due: String? { get }

    /// Hears of effects that have just been committed; nothing unless a service wants it.
    func committed(_ effects: [Effect]) async
}

extension CaseTables {
    /// The same for states of which it is not known whether there are rows.
    public func statements(saving states: [(subject: Subject, state: State)], effects: [Effect]) throws -> [SQL] {
        try statements(saving: states, .either, effects: effects)
    }

    public var due: String? { nil }

    public func committed(_ effects: [Effect]) async {}
}

/// Whether the states that are saved have rows already: a plain `INSERT` or `UPDATE` costs less than one that has to find out.
public enum StateRows: Sendable {
    /// None of them has one.
    case new
    /// All of them have.
    case known
    case either

    /// How a statement begins that saves rows of `table`, whose key is `subject`, from `FROM … AS u(subject, …)`.
    ///
    /// - Parameters:
    ///   - columns: What is saved of known rows, too; each may end in a cast, such as `circle::text[]`.
    ///   - fixed: What never changes.
    public func beginning(_ table: String, _ columns: [String], fixed: [String] = []) -> String {
        switch self {
        case .known: return "UPDATE \(table) SET " + columns.map { "\(Self.name($0)) = u.\($0)" }.joined(separator: ", ")
        case .new, .either:
            let all = ["subject"] + columns + fixed
            return "INSERT INTO \(table) (\(all.map(Self.name).joined(separator: ", "))) SELECT "
                + all.map { "u.\($0)" }.joined(separator: ", ")
        }
    }

    /// How it ends.
    public func end(_ table: String, _ columns: [String]) -> String {
        switch self {
        case .new: return ""
        case .known: return "WHERE \(table).subject = u.subject"
        case .either:
            let set = columns.map { "\(Self.name($0)) = excluded.\(Self.name($0))" }.joined(separator: ", ")
            return "ON CONFLICT (subject) DO UPDATE SET \(set)"
        }
    }

    private static func name(_ column: String) -> String { String(column.prefix { $0 != ":" }) }
}
