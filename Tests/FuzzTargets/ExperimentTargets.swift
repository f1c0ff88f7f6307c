internal import RunLog
internal import Storage
internal import TestSupport

/// As little as an experiment can say.
private let shortest = """
  name: x
  model: {checkpoint: m}
  data: {source: {language: en, train: a.csv, validation: b.csv}, targets: []}
  """

let experimentTargets = [
  FuzzTarget(
    "study", fileName: "study.yaml", dictionary: "yaml",
    seeds: {
      [
        bytes(
          """
          name: s
          base: b.yaml
          seeds: [1, 2]
          settings: {training.epochs: 6}
          configurations: {a: {}, b: {model.frozen_layers: 0}, c: {training: {epochs: 3}}, d: {data.percentage: 50}}
          questions:
            - {goal: g, claim: {equivalent: [a, b], metric: accuracy, split: de.test, margin: 0.02}}
            - {goal: h, claim: {less: [a, b], metric: seconds_per_epoch}}
            - {goal: i, claim: {greater: [[a, b], [c, d]], metric: loss, split: de.validation}}
            - {goal: j, claim: {not_less: [a, c], split: de.test}}
            - {goal: k, claim: {not_greater: [a, c], metric: transfer_gap, split: de.test, margin: 0.5}}
          """),
        bytes("name: s\nbase: b\nconfigurations: {a: {}}"),
      ]
    },
    body: { path, _ in
      let study = try StudyDefinition.read(path)
      demand(!study.seeds.isEmpty && !study.configurations.isEmpty, "a study without a run")
      for question in study.questions {
        let claim = question.claim
        demand(claim.margin >= 0 && claim.first != claim.second, "a claim that cannot be judged")
      }
    }),
  FuzzTarget(
    "experiment", fileName: "input.yaml", dictionary: "yaml",
    seeds: {
      [
        bytes(try TinyRun().experiment().yaml),
        bytes(
          """
          name: &a x
          model: {checkpoint: ../m, encoder_layers: 3, frozen_layers: 0, prefix_precision: float16}
          labels: [a, "b", 'c']
          data:
            source: {language: en, train: a.csv, validation: {text: t, labels: l}, columns: {text: x}}
            quoting: none
          training: {epochs: 1, schedule: {name: linear, per: step, warmup_steps: 2}}
          goals: [*a, "two\\nlines"]
          """),
        bytes(
          """
          name: x
          model: {checkpoint: m}
          data:
            source: {language: en, train: a.csv, validation: b.csv}
            targets: [{language: de, train: c.csv, validation: d.csv, test: e.csv}]
            per_class: 7
          few_shot: {target: de, per_class: [0, 10, 50], draws: 3, epochs: 2, batch_size: 4, learning_rate: 1e-4}
          """),
      ]
    },
    body: { path, _ in
      let experiment = try Experiment.read(path)
      // The resolved form means the same.
      let again = try Experiment.parse(experiment.yaml, file: path, relativeTo: "/")
      demand(again == experiment, "the resolved configuration reads as something else")
    }),
  FuzzTarget(
    "setting", fileName: "input.yaml", dictionary: "yaml",
    seeds: {
      [
        bytes("training.epochs=3"), bytes("data.targets.0.name=x"),
        bytes("labels=[a, b]\ndata.source={language: en}"), bytes("a.b.c.d={e: [1, {f: 2}]}"),
      ]
    },
    body: { path, bytes in
      let settings = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      do {
        _ = try Experiment.parse(shortest, file: path, settings: settings, relativeTo: "/")
      } catch let error as RunLogError {
        // An assignment's place is the assignment.
        demand("\(error)".contains("--set") || "\(error)".contains(path), "\(error)")
      }
    }),
]
