import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const ambient = [
  ['Date.now()', "CallExpression[callee.object.name='Date'][callee.property.name='now']", 'clock.now()'],
  ['new Date()', "NewExpression[callee.name='Date'][arguments.length=0]", 'clock.now()'],
  [
    'Math.random()',
    "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    'dice.random()',
  ],
  ['crypto.randomUUID()', "CallExpression[callee.property.name='randomUUID']", 'dice.bytes(16)'],
  ['a timer', 'CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate)$/]', 'clock.sleep()'],
];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'cdk.out', 'coverage', 'wadi-data'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Time, dice and timers are passed in: a simulation owns them.
    files: ['lib/**/*.ts'],
    ignores: ['lib/base/clock.ts', 'lib/base/dice.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...ambient.map(([what, selector, instead]) => ({
          selector,
          message: `no ${what} in lib: use ${instead}`,
        })),
      ],
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
