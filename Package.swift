// swift-tools-version: 6.2
import PackageDescription

/// One settings block for every target: Swift 6, every warning an error, and the upcoming features that help.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioLocks: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")

/// A module of `Shared/`.
func shared(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)", resources: resources, swiftSettings: settings)
}

/// A service's library and the one-file executable that assembles it.
func service(_ name: String, _ dependencies: [Target.Dependency] = []) -> [Target] {
    [
        .target(
            name: name, dependencies: ["ServiceKit", "CaseFlow", "Models", "Postgres", "AMQP", logging, hummingbird] + dependencies,
            path: "Services/\(name)", exclude: ["Main"], resources: [.embedInCode("Migrations"), .embedInCode("OpenAPI")],
            swiftSettings: settings),
        .executableTarget(
            name: "\(name)Main", dependencies: [.byName(name: name), "ServiceKit", "CaseFlow", logging, lifecycle],
            path: "Services/\(name)/Main", swiftSettings: settings),
    ]
}

func tests(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil, exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: path ?? "Tests/\(name)", exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "huiyin",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "huiyin-intake", targets: ["IntakeMain"]),
        .executable(name: "huiyin-routing", targets: ["RoutingMain"]),
        .executable(name: "huiyin-deadline", targets: ["DeadlineMain"]),
        .executable(name: "huiyin-notification", targets: ["NotificationMain"]),
        .executable(name: "huiyin", targets: ["OperatorMain"]),
        .executable(name: "huiyin-floor", targets: ["Floor"]),
        .executable(name: "huiyin-fuzz", targets: ["Fuzz"]),
        .executable(name: "huiyin-chaos", targets: ["ChaosMain"]),
        .executable(name: "huiyin-simulate", targets: ["SimulateMain"]),
    ],
    dependencies: [
        // Exact, because no resolved file is kept and every warning is an error: a build repeats, whatever was released since.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        // L0
        .systemLibrary(name: "CLibPQ", path: "Shared/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CRabbitMQ", path: "Shared/CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CCurl", path: "Shared/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        shared("SocketLoop"),
        shared("PrivateServers"),
        // L1
        shared("Postgres", ["CLibPQ", "SocketLoop"]),
        shared("AMQP", ["CRabbitMQ", "SocketLoop", logging]),
        shared("SMTP", ["CCurl", "SocketLoop"]),
        shared("Models", [crypto]),
        // L2
        shared("CaseFlow", ["Models", "Postgres", "AMQP", logging, metrics, nioLocks], resources: [.embedInCode("Migrations")]),
        // L3
        shared(
            "ServiceKit",
            [
                "CaseFlow", "Models", "Postgres", "AMQP", logging, metrics, crypto, lifecycle, configuration, hummingbird, httpTypes,
                nioCore, nioHTTP, jwtKit,
                .product(name: "CoreMetrics", package: "swift-metrics"), .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                nioLocks, .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ]),
    ]
        // L4
        + service("Intake", [crypto, httpTypes, metrics])
        + service("Routing", [crypto])
        + service("Deadline")
        + service(
            "Notification", ["SMTP", crypto, httpClient, httpTypes, lifecycle, metrics, mustache, nioCore, nioHTTP, nioPosix, nioSSL, yams])
        + [
            .target(
                name: "Operator",
                dependencies: [
                    nioCore, nioHTTP, nioPosix, httpTypes, "Intake", "Routing", "Deadline", "Notification", "ServiceKit", "CaseFlow",
                    "Models",
                    "Postgres", "AMQP", "PrivateServers", argumentParser, logging, crypto, yams, subprocess, httpClient,
                ],
                path: "Services/Operator", exclude: ["Main"], swiftSettings: settings),
            // C, and nothing of ours: what `bench pipeline` is compared with.
            .executableTarget(
                name: "Floor", dependencies: ["CLibPQ", "CRabbitMQ"], path: "Services/Floor",
                cSettings: [.treatAllWarnings(as: .error)], linkerSettings: [.linkedLibrary("pq"), .linkedLibrary("rabbitmq")]),
            .executableTarget(
                name: "OperatorMain", dependencies: ["Operator", argumentParser], path: "Services/Operator/Main", swiftSettings: settings),
            .target(name: "TestModels", dependencies: ["Models"], path: "Tests/TestModels", swiftSettings: settings),
            .target(name: "InMemory", dependencies: ["CaseFlow", "Models"], path: "Tests/InMemory", swiftSettings: settings),
            .target(
                name: "TestSupport", dependencies: ["TestModels", "Models", "PrivateServers", "Postgres", "AMQP", logging, yams],
                path: "Tests/TestSupport", swiftSettings: settings),
            .executableTarget(
                name: "Fuzz",
                dependencies: ["Models", "Notification", "Operator", "ServiceKit", "TestModels", argumentParser, crypto, logging],
                path: "Tests/Fuzz", swiftSettings: settings),
            .target(
                name: "Chaos",
                dependencies: ["Models", "Postgres", "PrivateServers", httpClient, nioCore, nioHTTP, nioLocks, nioPosix],
                path: "Tests/Chaos", exclude: ["Main"], swiftSettings: settings),
            .executableTarget(
                name: "ChaosMain", dependencies: ["Chaos", argumentParser], path: "Tests/Chaos/Main", swiftSettings: settings),
            .target(
                name: "Simulation",
                dependencies: [
                    "Intake", "Routing", "Deadline", "Notification", "Operator", "CaseFlow", "Models", "InMemory", "TestModels", logging,
                    nioLocks,
                ],
                path: "Tests/Simulation", exclude: ["Main"], swiftSettings: settings),
            .executableTarget(
                name: "SimulateMain", dependencies: ["Simulation", "Models", argumentParser], path: "Tests/Simulation/Main",
                swiftSettings: settings),
            tests("LayerTests", []),
            tests("SocketLoopTests", ["SocketLoop"]),
            tests("ModelsTests", ["Models", "TestModels", "TestSupport"]),
            tests("PrivateServersTests", ["PrivateServers", "TestSupport"]),
            tests("PostgresTests", ["Postgres", "PrivateServers", "TestSupport"]),
            tests("AMQPTests", ["AMQP", "PrivateServers", "TestSupport", logging]),
            tests("SMTPTests", ["SMTP", "PrivateServers", "TestSupport"]),
            tests(
                "NoticeTests",
                [
                    "Notification", "Operator", "CaseFlow", "Models", "Postgres", "SMTP", "PrivateServers", "TestSupport", httpClient,
                    logging,
                ]),
            tests(
                "ConformanceTests",
                [
                    "AMQP", "CaseFlow", "InMemory", "Intake", "Models", "Operator", "Postgres", "PrivateServers", "Routing", "TestSupport",
                    logging,
                ]),
            tests(
                "ContractTests",
                [
                    "Intake", "Routing", "Deadline", "Notification", "CaseFlow", "Models", "ServiceKit", "TestSupport", logging, httpTypes,
                    httpClient, lifecycle, nioCore, nioHTTP,
                ]),
            tests("CaseFlowTests", ["CaseFlow", "InMemory", "Models", "Postgres", "TestModels", "TestSupport"]),
            tests(
                "ServiceKitTests",
                [
                    "ServiceKit", "Models", "PrivateServers", hummingbird, httpTypes, logging, metrics, lifecycle, crypto, nioCore,
                    .product(name: "CoreMetrics", package: "swift-metrics"),
                    nioLocks,
                ]),
            tests(
                "IntakeTests",
                [
                    "Intake", "CaseFlow", "Models", "Postgres", "ServiceKit", "TestSupport", httpTypes, hummingbird, nioCore,
                    .product(name: "HummingbirdCore", package: "hummingbird"),
                ]),
            tests("RoutingTests", ["Routing", "CaseFlow", "Models", "ServiceKit", "TestSupport", httpTypes]),
            tests("IssueTests", ["Routing", "Models", "TestSupport", "Operator"], exclude: ["Labels"]),
            tests("TopicTests", ["Routing", "Operator", "CaseFlow", "Models", "TestModels", "TestSupport", argumentParser]),
            tests(
                "NotificationTests",
                [
                    "Notification", "CaseFlow", "Models", "Postgres", "PrivateServers", "TestSupport", httpClient, nioCore, nioHTTP,
                    nioPosix, nioSSL,
                ]),
            tests(
                "OperatorTests",
                [
                    "Operator", "Intake", "Routing", "Deadline", "Notification", "ServiceKit", crypto, "Models", "PrivateServers",
                    "TestSupport", "CaseFlow", logging, argumentParser, nioHTTP, httpTypes,
                ]),
            tests(
                "LifeTests",
                ["Intake", "Routing", "Deadline", "Notification", "Operator", "CaseFlow", "Models", "TestSupport"]),
            tests("SimulationTests", ["Simulation"]),
            tests(
                "EndToEndTests",
                [
                    "AMQP", "CaseFlow", "Chaos", "Models", "Operator", "Postgres", "PrivateServers", "Routing", "ServiceKit",
                    "TestSupport", httpClient, nioCore, nioHTTP, logging,
                ]),
        ]
)
