"""The engine: model, ports, logic and adapters that every migration shares."""
