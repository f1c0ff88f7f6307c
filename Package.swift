// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "TransferGap",
  products: [
    // `swift run report` looks for an executable product of this name, whatever its target is called.
    .executable(name: "report", targets: ["ReportCommand"]),
    // Beside it: what it starts to fetch models, so that it need not load FoundationNetworking (decision 76).
    .executable(name: "report-http", targets: ["HTTPClient"]),
    .library(name: "Model", targets: ["Model"]),
    .library(name: "Plot", targets: ["Plot"]),
    .library(name: "Report", targets: ["Report"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries of the system, one thin target each.
    .systemLibrary(name: "CCairo", pkgConfig: "cairo-pdf", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(
      name: "CPango", pkgConfig: "cairo", providers: [.apt(["libpango1.0-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // Loads OpenBLAS when it is needed, with the kernels that the processor has.
    .target(name: "COpenBLAS"),

    // Element-wise kernels, compiled optimised in debug builds as well.
    .target(
      name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=on"])]),

    // The kernels of graphics processors: as text for their compilers, and as C for tests. No product is fused with a sum, so
    // that tests can ask for the CPU's bits.
    .target(
      name: "DeviceKernels",
      exclude: ["kernels.md"],
      cSettings: [.unsafeFlags(["-std=c23", "-O2", "-fno-math-errno", "-ffp-contract=off"])]),

    // Writes PNG through libpng, whose setjmp must stay in C.
    .target(
      name: "CPNG", cSettings: [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("png")]),

    // Facts on disk.
    .target(name: "Storage", dependencies: ["CCrypto"]),
    .target(name: "RunLog", dependencies: ["Metrics", "Storage", "Yams"]),

    // Arithmetic, compiled optimised in debug builds as well: intervals draw examples many times.
    .target(name: "Metrics", swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(name: "Results", dependencies: ["RunLog", "Metrics", "Storage"]),

    // Models of the Hugging Face hub: its cache, and what fetches them.
    .target(name: "Hub", dependencies: ["RunLog", "Storage"]),
    .executableTarget(name: "HTTPClient"),

    // Several runs that answer questions together.
    .target(name: "Study", dependencies: ["RunLog", "Storage"]),

    // Graphics processors, by drivers and libraries that are loaded when they are asked for.
    .target(name: "CDevice", cSettings: [.unsafeFlags(["-O2"])]),
    .target(name: "Device", dependencies: ["CDevice", "DeviceKernels"]),

    // The network and its training.
    .target(name: "Model", dependencies: ["Storage", "COpenBLAS", "CKernels"]),
    .target(
      name: "Train",
      dependencies: [
        "Device", "DeviceKernels", "Model", "CKernels", "RunLog", "Metrics", "Storage",
      ]),

    // Ink and words.
    .target(name: "Chart", dependencies: ["CCairo", "CPango", "CPNG", "Storage"]),
    .target(name: "Plot", dependencies: ["Chart", "RunLog", "Metrics", "Results"]),
    .target(
      name: "Report",
      dependencies: [
        "Plot", "Chart", "RunLog", "Metrics", "Results", "Storage",
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      // All are symbolic links, to templates and to docs.
      resources: [
        .embedInCode("Templates"), .embedInCode("metrics.md"), .embedInCode("checks.md"),
      ]
    ),
    .executableTarget(
      name: "ReportCommand",
      dependencies: [
        "Study", "Train", "Device", "Model", "Metrics", "Report", "Plot", "Chart", "Results",
        "RunLog",
        "Hub", "Storage",
        // An executable that another depends on is built before it, and not linked.
        "HTTPClient",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["BuiltIn"],
      // BuiltIn is a symbolic link to Example; the folder is copied beside the executable, where it is looked up.
      resources: [.copy("BuiltIn/demo")]
    ),

    // What `make bench` runs; no product holds it.
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Train", "Device", "Model", "Metrics", "RunLog", "Storage", "COpenBLAS", "CKernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/Sources"
    ),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["CCairo", "Metrics", "Model", "RunLog", "Storage"],
      path: "Tests/TestSupport"),
    .testTarget(name: "StorageTests", dependencies: ["Storage", "TestSupport"]),
    .testTarget(
      name: "RunLogTests", dependencies: ["Metrics", "RunLog", "Storage", "TestSupport"]),
    .testTarget(
      name: "MetricsTests", dependencies: ["Metrics", "Storage", "TestSupport"],
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .testTarget(
      name: "ResultsTests",
      dependencies: ["Results", "RunLog", "Metrics", "Storage", "TestSupport"]),
    .testTarget(name: "HubTests", dependencies: ["Hub", "RunLog", "Storage", "TestSupport"]),
    .testTarget(name: "StudyTests", dependencies: ["Study", "RunLog", "Storage", "TestSupport"]),
    .testTarget(name: "ModelTests", dependencies: ["Model", "Storage", "TestSupport"]),
    .testTarget(
      name: "DeviceKernelsTests",
      dependencies: ["Device", "DeviceKernels", "CKernels", "Storage", "TestSupport"]),
    .testTarget(
      name: "TrainTests",
      dependencies: ["Train", "Metrics", "Model", "RunLog", "Storage", "TestSupport"]),
    .testTarget(
      name: "DeviceTests",
      dependencies: [
        "Device", "DeviceKernels", "Train", "Model", "RunLog", "Storage", "TestSupport",
      ]),
    .testTarget(name: "ChartTests", dependencies: ["Chart", "Storage", "TestSupport"]),
    .testTarget(
      name: "PlotTests",
      dependencies: ["Plot", "Chart", "Metrics", "Results", "RunLog", "Storage", "TestSupport"]),
    .testTarget(
      name: "ReportTests",
      dependencies: [
        "Report", "Plot", "Chart", "Results", "RunLog", "Metrics", "Storage", "TestSupport",
      ]),
    // Readers under test, and what feeds them; see scripts/fuzz.sh.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Train", "Model", "Report", "Plot", "Chart", "Results", "RunLog", "Storage", "TestSupport",
      ],
      path: "Tests/FuzzTargets"),
    .executableTarget(
      name: "Fuzz", dependencies: ["FuzzTargets", "Storage"], path: "Tests/Fuzz",
      exclude: ["Corpus", "Dictionaries"]),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "Storage", "TestSupport"]),
    .testTarget(
      name: "ReportCommandTests",
      dependencies: ["ReportCommand", "Hub", "RunLog", "Storage", "TestSupport"]),
  ]
)

let cTargets: Set = [
  "CCairo", "CPango", "CPNG", "COpenBLAS", "CCrypto", "CKernels", "CDevice", "DeviceKernels",
]
for target in package.targets where !cTargets.contains(target.name) {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .treatAllWarnings(as: .error),
    ]
}
