// Whether the program of this container is ready: the API or the relay, whichever it runs.
const ports = [process.env.PORT, process.env.RELAY_HEALTH_PORT].filter(Boolean);
const answers = await Promise.all(
  ports.map((port) =>
    fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  ),
);
process.exitCode = answers.includes(true) ? 0 : 1;
