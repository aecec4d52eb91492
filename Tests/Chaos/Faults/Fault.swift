/// The kinds of faults, by the names that reports give them.
public enum Fault: String, Sendable, CaseIterable {
    case killIntake = "kill-intake"
    case killRouting = "kill-routing"
    case killDeadline = "kill-deadline"
    case killNotification = "kill-notification"
    case killServices = "kill-services"
    case freezeService = "freeze-service"
    case replicas = "replicas"
    case killDatabase = "kill-postgresql"
    case killBackend = "kill-backend"
    case freezeDatabase = "freeze-postgresql"
    case terminateBackends = "terminate-backends"
    case idleTransactions = "idle-transactions"
    case fullDisk = "full-disk"
    case promoteStandby = "promote-standby"
    case killBroker = "kill-rabbitmq"
    case freezeBroker = "freeze-rabbitmq"
    case memoryAlarm = "memory-alarm"
    case diskAlarm = "disk-alarm"
    case killLeader = "kill-queue-leader"
    case delayDatabase = "delay-postgresql"
    case delayBroker = "delay-rabbitmq"
    case cutDatabase = "cut-postgresql"
    case cutBroker = "cut-rabbitmq"
    case blackHoleDatabase = "black-hole-postgresql"
    case blackHoleBroker = "black-hole-rabbitmq"
    case loseAnswersOfDatabase = "lose-answers-postgresql"
    case loseAnswersOfBroker = "lose-answers-rabbitmq"
    case trickleDatabase = "trickle-postgresql"
    case trickleBroker = "trickle-rabbitmq"

    /// Which ground a fault needs; nil for any.
    var ground: Ground? {
        switch self {
        case .fullDisk: .smallDisk
        case .killLeader: .cluster
        default: nil
        }
    }

    /// Whether a ground has room for the fault: a standby is a second copy of the data, which a small disk cannot hold for long.
    func fits(on ground: Ground) -> Bool { self != .promoteStandby || ground != .smallDisk }
}

/// What a house of a run stands on.
enum Ground: String, Sendable, CaseIterable {
    /// One PostgreSQL and one RabbitMQ.
    case plain
    /// PostgreSQL's data lie on a small file system in memory.
    case smallDisk = "small-disk"
    /// RabbitMQ is a cluster of three nodes.
    case cluster
}
