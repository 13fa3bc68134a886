"""What a model file is and how it differs from its base: the commands of people who have models and no benchmark."""
