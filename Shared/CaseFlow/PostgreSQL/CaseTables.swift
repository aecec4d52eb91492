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
    func statements(saving states: [(subject: Subject, state: State)], effects: [Effect]) throws -> [SQL]

    /// The cases that time alone makes due, the one that waits longest first: what follows `FROM case_clock k` in a query for their
    /// subjects, up to its order. Nil for a service in which nothing becomes due.
    var due: String? { get }

    /// Hears of effects that have just been committed; nothing unless a service wants it.
    func committed(_ effects: [Effect]) async
}

extension CaseTables {
    public var due: String? { nil }

    public func committed(_ effects: [Effect]) async {}
}
